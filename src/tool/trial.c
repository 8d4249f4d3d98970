#include "tool/trial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/list.h"
#include "base/num.h"
#include "base/scope.h"
#include "data/netlist.h"

enum {
	STEP_MS = 20,
	PATIENCE_MS = 5000,
	TABLE_MAX = 4 * 1024 * 1024,
	EXIT_NOT_FOUND = 127,
};

typedef LIST(uint64_t) inodes;

static void wait_step(void)
{
	const struct timespec step = { 0, STEP_MS * 1000000L };

	nanosleep(&step, NULL);
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	int null = open("/dev/null", O_RDONLY);

	/* A group of its own, so that all of it can be told to stop. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		execv(argv[0], argv);
	_exit(EXIT_NOT_FOUND);
}

static void add_path(struct trial *trial, const char *path, bool is_written)
{
	for (size_t i = 0; i < trial->path_count; i++)
		if (strcmp(trial->paths[i].path, path) == 0) {
			trial->paths[i].is_written |= is_written;
			return;
		}
	if (trial->path_count < TRIAL_PATHS_MAX)
		trial->paths[trial->path_count++] = (struct trial_path){
			mem_text(slice_from(path)), is_written
		};
}

/* What every image has, or the kernel; and programs bring their libraries. */
static bool is_of_interest(const char *path)
{
	static const char *const others[] = { "/proc/",	   "/dev/", "/sys/",
					      "/usr/lib/", "/lib/", "/run/",
					      "/tmp/" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strncmp(path, others[i], strlen(others[i])) == 0)
			return false;
	return path[0] == '/';
}

/* O_WRONLY or O_RDWR in the octal flags of /proc/PID/fdinfo/FD. */
static bool is_open_for_writing(int fdinfo, const char *name)
{
	auto_fd int fd = openat(fdinfo, name, O_RDONLY | O_CLOEXEC);
	char text[256] = "";
	ssize_t n = fd < 0 ? -1 : io_read(fd, text, sizeof(text) - 1);
	const char *flags = n > 0 ? strstr(text, "flags:") : NULL;

	return flags && (strtoul(flags + 6, NULL, 8) & O_ACCMODE) != O_RDONLY;
}

/* "socket:[INODE]" */
static bool read_socket(uint64_t *inode, struct slice target)
{
	static const struct slice begin = { "socket:[", 8 };

	if (!slice_has_prefix(target, begin.at) || target.len <= begin.len)
		return false;
	return num_u64(inode, (struct slice){ target.at + begin.len,
					      target.len - begin.len - 1 });
}

static void see_descriptor(struct trial *trial, inodes *sockets, int fds,
			   int fdinfo, const char *name)
{
	char target[4096];
	ssize_t n = readlinkat(fds, name, target, sizeof(target) - 1);
	struct stat st;
	uint64_t inode;

	if (n < 0)
		return;
	target[n] = '\0';
	if (read_socket(&inode, (struct slice){ target, (size_t)n }))
		LIST_ADD(sockets, inode);
	else if (is_of_interest(target) && stat(target, &st) == 0 &&
		 S_ISREG(st.st_mode))
		add_path(trial, target, is_open_for_writing(fdinfo, name));
}

static void see_process(struct trial *trial, inodes *sockets, int proc,
			const char *pid)
{
	auto_buf struct buf path = { 0 };
	struct dirent *item;

	buf_fmt(&path, "%s/fdinfo", pid);
	auto_fd int fdinfo = openat(proc, path.at, O_PATH | O_CLOEXEC);

	path.len = 0;
	buf_fmt(&path, "%s/fd", pid);
	int fds = openat(proc, path.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fds < 0 ? NULL : fdopendir(fds);

	while (dir && (item = readdir(dir)))
		if (item->d_name[0] != '.')
			see_descriptor(trial, sockets, dirfd(dir), fdinfo,
				       item->d_name);
	if (dir)
		closedir(dir);
	else
		scope_close(&fds);
}

/* Whether the process is of the group: the third word behind the name's ")". */
static bool is_of_group(int proc, const char *pid, pid_t group)
{
	auto_buf struct buf path = { 0 };
	struct slice rest, word = { "", 0 };
	char text[512] = "";
	uint32_t own;

	buf_fmt(&path, "%s/stat", pid);
	auto_fd int fd = openat(proc, path.at, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || io_read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	const char *behind = strrchr(text, ')');

	if (!behind)
		return false;
	rest = slice_from(behind + 1);
	for (int i = 0; i < 3; i++)
		slice_word(&word, &rest);
	return num_u32(&own, word) && own == (uint32_t)group;
}

static void add_port(struct trial *trial, uint16_t number, bool is_udp)
{
	for (size_t i = 0; i < trial->port_count; i++)
		if (trial->ports[i].number == number &&
		    trial->ports[i].is_udp == is_udp)
			return;
	if (trial->port_count == TRIAL_PORTS_MAX)
		return;
	trial->ports[trial->port_count].number = number;
	trial->ports[trial->port_count++].is_udp = is_udp;
}

static bool has_inode(const inodes *sockets, uint64_t inode)
{
	for (size_t i = 0; i < sockets->count; i++)
		if (sockets->at[i] == inode)
			return true;
	return false;
}

static void see_table(struct trial *trial, const inodes *sockets,
		      const char *table, bool is_udp)
{
	auto_free char *text = NULL;
	struct netlist_socket socket;
	struct err ignored;
	size_t len;

	if (io_load(&text, &len, table, TABLE_MAX, &ignored) < 0)
		return;
	struct slice rest = { text, len };

	while (netlist_next(&socket, &rest))
		if ((is_udp || socket.state == NETLIST_LISTEN) &&
		    has_inode(sockets, socket.inode))
			add_port(trial, socket.port, is_udp);
}

static void look(struct trial *trial, pid_t group)
{
	inodes sockets = { 0 };
	struct dirent *item;
	DIR *dir = opendir("/proc");
	uint32_t number;

	while (dir && (item = readdir(dir)))
		if (num_u32(&number, slice_from(item->d_name)) &&
		    is_of_group(dirfd(dir), item->d_name, group))
			see_process(trial, &sockets, dirfd(dir), item->d_name);
	if (dir)
		closedir(dir);
	see_table(trial, &sockets, "/proc/net/tcp", false);
	see_table(trial, &sockets, "/proc/net/tcp6", false);
	see_table(trial, &sockets, "/proc/net/udp", true);
	see_table(trial, &sockets, "/proc/net/udp6", true);
	free(sockets.at);
}

/* Tell all of it to stop, and see that it does. */
static void stop(pid_t pid)
{
	int status;

	kill(-pid, SIGTERM);
	for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
		if (waitpid(pid, &status, WNOHANG) != 0)
			break;
		wait_step();
	}
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static int explain(const char *program, int status, struct err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return err_set(err, 0, "%s: ended by signal %d", program,
			       WTERMSIG(status));
	return err_set(err, 0, "%s: ended with code %d", program,
		       WEXITSTATUS(status));
}

static int compare_paths(const void *a, const void *b)
{
	const struct trial_path *x = a;
	const struct trial_path *y = b;

	return strcmp(x->path, y->path);
}

int trial_run(struct trial *out, char **argv, unsigned int milliseconds,
	      struct err *err)
{
	int status;

	*out = (struct trial){ 0 };
	if (access(argv[0], X_OK) < 0)
		return err_set(err, errno, "%s", argv[0]);
	pid_t pid = start(argv);

	if (pid < 0)
		return err_set(err, errno, "fork");
	setpgid(pid, pid);
	for (unsigned int at = 0; at < milliseconds; at += STEP_MS) {
		wait_step();
		look(out, pid);
		if (waitpid(pid, &status, WNOHANG) == pid) {
			kill(-pid, SIGKILL);
			return explain(argv[0], status, err);
		}
	}
	stop(pid);
	qsort(out->paths, out->path_count, sizeof(out->paths[0]),
	      compare_paths);
	return 0;
}

void trial_free(struct trial *trial)
{
	for (size_t i = 0; i < trial->path_count; i++)
		free(trial->paths[i].path);
	trial->path_count = 0;
}
