/*
 * board: the kernel's init of a board under test. Mounts what tests/support/
 * enter.c needs, runs the lines of /board.list one after another, and turns
 * the machine off. A line is "LABEL PROGRAM [ARG...]", blanks between; with
 * "&" before the label the next one does not wait, and SIGTERM ends it after
 * the last. The console gets, around what the programs write,
 *
 *	board: LABEL begins
 *	board: LABEL exits CODE	(128 plus the signal that ended it)
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
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

enum { WORDS_MAX = 64, LINE_SIZE = 1024, KEPT_MAX = 8, LABEL_SIZE = 64 };

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

static void finish(const struct kept *kept)
{
	int status;

	must(waitpid(kept->pid, &status, 0), "wait");
	printf("board: %s exits %d\n", kept->label,
	       WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status));
}

static size_t run(char *line, struct kept *kept, size_t count)
{
	int stays = line[0] == '&';
	char *label = line + stays;
	char *command = strchr(label, ' ');
	struct kept new = { 0 };

	if (!command)
		return count;
	*command = '\0';
	snprintf(new.label, sizeof(new.label), "%s", label);
	printf("board: %s begins\n", new.label);
	new.pid = start(command + 1);
	if (stays && count < KEPT_MAX) {
		kept[count] = new;
		return count + 1;
	}
	finish(&new);
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
		kill(kept[i].pid, SIGTERM);
		finish(&kept[i]);
	}
	printf("board: done\n");
	fflush(stdout);
	sync();
	return reboot(RB_POWER_OFF);
}
