/*
 * board: the kernel's init of a board under test. Mounts what tests/support/
 * enter.c needs, runs the lines of /board.list one after another, and turns
 * the machine off. A line is "LABEL PROGRAM [ARG...]", blanks between; with
 * "&" before the label the next one does not wait, and SIGTERM ends it after
 * the last; with "?" it is started again until it exits with 0, for half a
 * minute. The console gets, around what the programs write,
 *
 *	board: LABEL begins
 *	board: LABEL exits CODE	(128 plus the signal that ended it)
 *
 * and for those that SIGTERM ended the same with LABEL.end.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	WORDS_MAX = 64,
	LINE_SIZE = 1024,
	KEPT_MAX = 8,
	LABEL_SIZE = 64,
	PATIENCE = 30
};

struct kept {
	pid_t pid;
	char label[LABEL_SIZE];
};

static void must(long result, const char *what)
{
	if (result >= 0)
		return;
	printf("board: %s: %s\n", what, strerror(errno));
	sync();
	reboot(RB_POWER_OFF);
}

/*
 * The root of an initramfs cannot be left by pivot_root, which enter needs;
 * the same files mounted once more can.
 */
static void make_root(void)
{
	mkdir("/top", 0755);
	must(mount("/", "/top", NULL, MS_BIND, NULL), "bind /");
	must(chdir("/top"), "/top");
	must(mount(".", "/", NULL, MS_MOVE, NULL), "move /");
	must(chroot("."), "chroot");
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	must(mount("proc", "/proc", "proc", 0, NULL), "/proc");
	must(mount("sysfs", "/sys", "sysfs", 0, NULL), "/sys");
	must(mount("devtmpfs", "/dev", "devtmpfs", 0, NULL), "/dev");
}

static void raise_loopback(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(ioctl(fd, SIOCSIFFLAGS, &lo), "raise lo");
	close(fd);
}

static pid_t start(char *command)
{
	char *words[WORDS_MAX + 1] = { NULL };
	size_t count = 0;
	pid_t child;

	for (char *word = strtok(command, " "); word && count < WORDS_MAX;
	     word = strtok(NULL, " "))
		words[count++] = word;
	fflush(stdout);
	child = fork();
	must(child, "fork");
	if (child)
		return child;
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	if (count)
		execv(words[0], words);
	printf("board: %s: %s\n", count ? words[0] : "", strerror(errno));
	exit(127);
}

static int end_of(pid_t child)
{
	int status;

	must(waitpid(child, &status, 0), "wait");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static void run_to_end(const char *label, const char *command, bool until_good)
{
	char words[LINE_SIZE];
	time_t end = time(NULL) + PATIENCE;
	int code;

	do {
		snprintf(words, sizeof(words), "%s", command);
		code = end_of(start(words));
	} while (until_good && code && time(NULL) < end && usleep(200000) == 0);
	printf("board: %s exits %d\n", label, code);
}

static size_t run(char *line, struct kept *kept, size_t count)
{
	char kind = line[0];
	char *label = line + (kind == '&' || kind == '?');
	char *command = strchr(label, ' ');

	if (!command)
		return count;
	*command++ = '\0';
	printf("board: %s begins\n", label);
	if (kind == '&' && count < KEPT_MAX) {
		snprintf(kept[count].label, LABEL_SIZE, "%s", label);
		kept[count].pid = start(command);
		return count + 1;
	}
	run_to_end(label, command, kind == '?');
	return count;
}

int main(void)
{
	static struct kept kept[KEPT_MAX];
	char line[LINE_SIZE];
	size_t count = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	make_root();
	raise_loopback();
	FILE *list = fopen("/board.list", "re");

	must(list ? 0 : -1, "/board.list");
	while (fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = '\0';
		count = run(line, kept, count);
	}
	for (size_t i = 0; i < count; i++) {
		printf("board: %s.end begins\n", kept[i].label);
		kill(kept[i].pid, SIGTERM);
		printf("board: %s.end exits %d\n", kept[i].label,
		       end_of(kept[i].pid));
	}
	printf("board: done\n");
	fflush(stdout);
	sync();
	return reboot(RB_POWER_OFF);
}
