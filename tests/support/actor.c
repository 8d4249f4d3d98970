/*
 * actor: does what its arguments say, one after another; the verbs are in the
 * table at the end. TEXT may hold \n.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "actor: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void unescape(char *text)
{
	char *out = text;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1] == 'n') {
			*out++ = '\n';
			text++;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
}

/* Send TEXT to NOTIFY_SOCKET, with the descriptor fd where it is not -1. */
static void notify(char *text, int fd)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { text, strlen(text) };
	struct msghdr message = {
		.msg_name = &to,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!name || strlen(name) >= sizeof(to.sun_path))
		die("NOTIFY_SOCKET");
	memcpy(to.sun_path, name, strlen(name));
	message.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un,
						   sun_path) +
					  strlen(name));
	if (*name == '@')
		to.sun_path[0] = '\0';
	if (fd >= 0) {
		struct cmsghdr *head = (struct cmsghdr *)(void *)control;

		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		*head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(fd)),
					  .cmsg_level = SOL_SOCKET,
					  .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	}
	if (s < 0 || sendmsg(s, &message, 0) < 0)
		die("sendmsg");
	close(s);
}

static void do_say(char *text)
{
	unescape(text);
	notify(text, -1);
}

/* The same, by another process than the one that was started. */
static void do_childsay(char *text)
{
	pid_t child = fork();

	if (child == 0) {
		do_say(text);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

/* As sd_notify_barrier(3): wait until the other side has closed what came. */
static void do_barrier(char *text)
{
	int ends[2];

	if (pipe(ends) < 0)
		die("pipe");
	notify(text, ends[1]);
	close(ends[1]);
	struct pollfd end = { .fd = ends[0] };

	puts(poll(&end, 1, 5000) == 1 ? "barrier passed" : "barrier stuck");
	close(ends[0]);
}

static void do_sleep(char *text)
{
	long ms = atol(text);
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&time, &time) < 0)
		continue;
}

static void do_print(char *text)
{
	puts(text);
	fflush(stdout);
}

static void do_env(char *text)
{
	const char *value = getenv(text);

	printf("%s=%s\n", text, value ? value : "(unset)");
	fflush(stdout);
}

/* "$$" is what a shell would say. */
static void do_mypid(char *text)
{
	const char *value = getenv(text);

	puts(value && atoi(value) == getpid() ? "mine" : "not mine");
	fflush(stdout);
}

static void do_exit(char *text)
{
	exit(atoi(text));
}

static void do_raise(char *text)
{
	kill(getpid(), atoi(text));
}

static void do_ignore(char *text)
{
	signal(atoi(text), SIG_IGN);
}

/* "FILE CODE,CODE,...": the n-th run for FILE exits with the n-th, or goes on. */
static void do_codes(char *text)
{
	char *codes = strchr(text, ' ');
	char byte = '.';

	*codes++ = '\0';
	int fd = open(text, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (fd < 0)
		die(text);
	long n = lseek(fd, 0, SEEK_END);

	if (write(fd, &byte, 1) != 1)
		die(text);
	close(fd);
	for (; n > 0 && (codes = strchr(codes, ',')); n--)
		codes++;
	if (codes)
		exit(atoi(codes));
}

static void do_call(char *text)
{
	syscall(atol(text), 0, 0, 0);
}

/* "NUMBER TIMES" */
static void do_calls(char *text)
{
	long times = atol(strchr(text, ' '));

	for (long i = 0; i < times; i++)
		do_call(text);
	printf("%ld\n", times);
	fflush(stdout);
}

static void *call_in_thread(void *text)
{
	do_call(text);
	return NULL;
}

static void do_threadcall(char *text)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, call_in_thread, text))
		die("pthread_create");
	pthread_join(thread, NULL);
}

/* By a grandchild, whose parent has gone. */
static void do_orphancall(char *text)
{
	pid_t child = fork();

	if (child == 0) {
		if (fork() == 0) {
			do_sleep((char[]){ "50" });
			do_call(text);
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static const struct {
	const char *name;
	void (*run)(char *text);
} verbs[] = {
	{ "say", do_say },
	{ "childsay", do_childsay },
	{ "sleep", do_sleep },
	{ "barrier", do_barrier },
	{ "print", do_print },
	{ "env", do_env },
	{ "exit", do_exit },
	{ "raise", do_raise },
	{ "codes", do_codes },
	{ "ignore", do_ignore },
	{ "mypid", do_mypid },
	{ "call", do_call },
	{ "calls", do_calls },
	{ "threadcall", do_threadcall },
	{ "orphancall", do_orphancall },
};

/* VERB=TEXT... */
int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *text = strchr(argv[i], '=');
		size_t verb = 0;

		if (!text)
			return 98;
		*text++ = '\0';
		while (verb < sizeof(verbs) / sizeof(verbs[0]) &&
		       strcmp(argv[i], verbs[verb].name) != 0)
			verb++;
		if (verb == sizeof(verbs) / sizeof(verbs[0]))
			return 98;
		verbs[verb].run(text);
	}
	return 0;
}
