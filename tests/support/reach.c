/*
 * reach VERB=ARG...: try each in turn, and print "VERB ARG: ok" or its error.
 *
 *	read, list, write, create, truncate, remove, mkdir, ioctl, exec PATH
 *	rename FROM:TO		link FROM:TO
 *	bind PORT, connect PORT	of 127.0.0.1, by TCP; mptcp PORT: bind by MPTCP
 *	abstract NAME		connect to that abstract socket
 *	signal PID		by signal 0
 *	give NAME		listen on that abstract socket; no end of it
 *	status WORD		the line of /proc/self/status that begins so
 *	cat PATH		what it holds
 *	nice, secbits ANY	what the process has of these
 *	wait MS
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLED = 1000 }; /* and by which signal */

static int open_and_close(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	char byte;
	int result = flags & O_DIRECTORY ? 0 : 1;

	if ((flags & O_ACCMODE) == O_RDONLY && result)
		result = read(fd, &byte, 1) < 0 ? -1 : 0;
	close(fd);
	return result < 0 ? -1 : 0;
}

static int do_read(char *path)
{
	return open_and_close(path, O_RDONLY);
}

static int do_list(char *path)
{
	return open_and_close(path, O_RDONLY | O_DIRECTORY);
}

static int do_write(char *path)
{
	return open_and_close(path, O_WRONLY);
}

static int do_create(char *path)
{
	return open_and_close(path, O_WRONLY | O_CREAT | O_EXCL);
}

static int do_truncate(char *path)
{
	return truncate(path, 0);
}

static int do_remove(char *path)
{
	return remove(path);
}

static int do_mkdir(char *path)
{
	return mkdir(path, 0700);
}

/* Any but the few that belong to the file and not to its device. */
static int do_ioctl(char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct winsize size;

	return fd < 0 ? -1 : ioctl(fd, TIOCGWINSZ, &size);
}

static int do_exec(char *path)
{
	char *argv[] = { path, NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execv(path, argv);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	errno = WIFEXITED(status) ? WEXITSTATUS(status)
				  : KILLED + WTERMSIG(status);
	return errno ? -1 : 0;
}

static int do_rename(char *both)
{
	char *to = strchr(both, ':');

	*to = '\0';
	int result = rename(both, to + 1);

	*to = ':';
	return result;
}

static int do_link(char *both)
{
	char *to = strchr(both, ':');

	*to = '\0';
	int result = link(both, to + 1);

	*to = ':';
	return result;
}

static int on_port(const char *port, int protocol, bool binds)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -1;
	int result = (binds ? bind : connect)(fd, (const void *)&address,
					      sizeof(address));
	int error = errno;

	close(fd);
	errno = error;
	return result;
}

static int do_bind(char *port)
{
	return on_port(port, 0, true);
}

static int do_connect(char *port)
{
	return on_port(port, 0, false);
}

static int do_mptcp(char *port)
{
	return on_port(port, 262, true);
}

static int on_abstract(const char *name, bool listens)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
				    strlen(name));

	if (fd < 0)
		return -1;
	snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s",
		 name);
	if (!listens)
		return connect(fd, (void *)&address, len);
	if (bind(fd, (void *)&address, len) < 0)
		return -1;
	return listen(fd, 8);
}

static int do_abstract(char *name)
{
	return on_abstract(name, false);
}

static int do_give(char *name)
{
	return on_abstract(name, true);
}

static int do_signal(char *pid)
{
	return kill(atoi(pid), 0);
}

static int do_status(char *word)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, word, strlen(word)) == 0)
			fputs(line, stdout);
	return file ? fclose(file) : -1;
}

static int do_wait(char *ms)
{
	return usleep((unsigned int)atoi(ms) * 1000U);
}

static int do_nice(char *none)
{
	(void)none;
	printf("%d\n", getpriority(PRIO_PROCESS, 0));
	return 0;
}

static int do_cat(char *path)
{
	FILE *file = fopen(path, "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		fputs(line, stdout);
	return file ? fclose(file) : -1;
}

static int do_secbits(char *none)
{
	(void)none;
	printf("%d\n", prctl(PR_GET_SECUREBITS));
	return 0;
}

static const struct {
	const char *name;
	int (*run)(char *arg);
} verbs[] = {
	{ "read", do_read },	     { "list", do_list },
	{ "write", do_write },	     { "create", do_create },
	{ "truncate", do_truncate }, { "remove", do_remove },
	{ "mkdir", do_mkdir },	     { "ioctl", do_ioctl },
	{ "exec", do_exec },	     { "rename", do_rename },
	{ "link", do_link },	     { "bind", do_bind },
	{ "connect", do_connect },   { "mptcp", do_mptcp },
	{ "abstract", do_abstract }, { "give", do_give },
	{ "signal", do_signal },     { "status", do_status },
	{ "cat", do_cat },	     { "secbits", do_secbits },
	{ "wait", do_wait },	     { "nice", do_nice },
};

static const char *error_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EACCES, "EACCES" },
		{ EPERM, "EPERM" },
		{ ENOENT, "ENOENT" },
		{ EXDEV, "EXDEV" },
		{ ENOTTY, "ENOTTY" },
		{ ECONNREFUSED, "ECONNREFUSED" },
		{ EADDRINUSE, "EADDRINUSE" },
		{ EPROTONOSUPPORT, "EPROTONOSUPPORT" },
	};
	static char other[16];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			return names[i].name;
	snprintf(other, sizeof(other), "%d", error);
	return other;
}

static void try(char *text)
{
	char *arg = strchr(text, '=');

	if (!arg)
		return;
	*arg++ = '\0';
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, text) != 0)
			continue;
		int result = verbs[i].run(arg);

		printf("%s %s: %s\n", text, arg,
		       result < 0 ? error_name(errno) : "ok");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		try(argv[i]);
	return 0;
}
