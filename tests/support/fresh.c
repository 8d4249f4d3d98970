/*
 * fresh PROGRAM [ARG...]: run PROGRAM with every signal at its default and none
 * blocked. make starts its shells by posix_spawn, and glibc's leaves signals 32
 * and 33 ignored there; they are libc's own, so no sigaction(2) of libc and no
 * env --default-signal puts them back.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SIGNALS = 64, MASK_BYTES = 8 };

int main(int argc, char **argv)
{
	/* The kernel's struct sigaction on every architecture fits; 0 is SIG_DFL. */
	static const unsigned long as_default[8];
	static const unsigned char none[MASK_BYTES];

	if (argc < 2) {
		fprintf(stderr, "usage: fresh PROGRAM [ARG...]\n");
		return 2;
	}
	for (int sig = 1; sig <= SIGNALS; sig++)
		syscall(SYS_rt_sigaction, sig, as_default, NULL, MASK_BYTES);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL, MASK_BYTES);
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
