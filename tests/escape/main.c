/*
 * escape [NAME...]: make the attempts, all of them without names, each in a
 * child, and print a line for each: "NAME reached", "NAME errno ERRNO", "NAME
 * setup ERRNO WHAT" (what it needs first was refused), "NAME killed SIGNAL".
 * escape --here NAME: make one in this very process, where no child is to be
 * had. escape --list: "THEME NAME" for each.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape.h"
#include "names.h"
#include "tools.h"

enum { PATH_SIZE = 256, LINE_SIZE = 160, SECONDS = 10 };

static const struct theme *const themes[] = {
	&reexec_theme,	 &gate_theme,	   &registers_theme, &exec_theme,
	&pid1_theme,	 &trace_theme,	   &memory_theme,    &abi_theme,
	&high_bit_theme, &namespace_theme, &mount_theme,     &socket_theme,
	&terminal_theme, &identity_theme,  &file_theme,	     &kernel_theme,
};

enum { THEMES = sizeof(themes) / sizeof(themes[0]) };

/* One attempt a process: these are its own. */
static const struct attempt *current;
static char path[PATH_SIZE], copy[PATH_SIZE], name[LINE_SIZE];
static char first[] = "escape", ran[] = "--ran";
static char *args[] = { first, ran, name, NULL };

/* One write, since stdio's writev is a call that a tight filter refuses. */
static void tell(const char *who, const char *how, const char *what)
{
	char line[LINE_SIZE];
	int len = snprintf(line, sizeof(line), "%s %s%s%s\n", who, how,
			   what[0] ? " " : "", what);

	if (len > 0 && write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(1);
}

long need(long result, const char *what)
{
	char detail[LINE_SIZE];

	if (result >= 0)
		return result;
	snprintf(detail, sizeof(detail), "%s %s", names_errno(errno), what);
	tell(current->name, "setup", detail);
	_exit(0);
}

char **program_args(void)
{
	return args;
}

const char *program_path(void)
{
	return path;
}

const char *program_copy(void)
{
	return copy;
}

static long make(const struct attempt *a)
{
	long result = a->run ? a->run(a)
			     : syscall(a->nr, a->args[0], a->args[1],
				       a->args[2], a->args[3], a->args[4],
				       a->args[5]);

	return result < 0 && a->past && errno == a->past ? 0 : result;
}

static int make_here(const struct attempt *attempt)
{
	current = attempt;
	snprintf(name, sizeof(name), "%s", attempt->name);
	if (make(attempt) >= 0)
		tell(attempt->name, "reached", "");
	else
		tell(attempt->name, "errno", names_errno(errno));
	return 0;
}

static void make_in_child(const struct attempt *attempt)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		/* What hangs shows as killed by SIGALRM. */
		alarm(SECONDS);
		_exit(make_here(attempt));
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		tell(attempt->name, "lost", names_errno(errno));
	else if (WIFSIGNALED(status))
		tell(attempt->name, "killed", names_signal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		tell(attempt->name, "lost", "without a word");
}

static const struct attempt *find(const char *wanted)
{
	for (size_t i = 0; i < THEMES; i++)
		for (size_t k = 0; k < themes[i]->count; k++)
			if (strcmp(themes[i]->attempts[k].name, wanted) == 0)
				return &themes[i]->attempts[k];
	return NULL;
}

static int for_all(void (*act)(const struct theme *, const struct attempt *))
{
	for (size_t i = 0; i < THEMES; i++)
		for (size_t k = 0; k < themes[i]->count; k++)
			act(themes[i], &themes[i]->attempts[k]);
	return 0;
}

static void list_one(const struct theme *theme, const struct attempt *attempt)
{
	tell(theme->name, attempt->name, "");
}

static void make_one(const struct theme *theme, const struct attempt *attempt)
{
	(void)theme;
	make_in_child(attempt);
}

/* Started anew by an attempt. As a setuid program it must have become root. */
static int say_ran(const char *program, const char *who)
{
	if (strcmp(program, SETUID_NAME) == 0 && geteuid() != 0)
		tell(who, "errno", "EPERM");
	else
		tell(who, "reached", "");
	return 0;
}

static int usage(const char *word)
{
	fprintf(stderr, "escape: %s: no such attempt\n", word);
	return 2;
}

static int make_named(char *const *names)
{
	for (; *names; names++) {
		const struct attempt *attempt = find(*names);

		if (!attempt)
			return usage(*names);
		make_in_child(attempt);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct rlimit no_core;

	setrlimit(RLIMIT_CORE, &no_core);
	if (argc < 1 || argv[0][0] != '/') {
		/* An attempt that lost its arguments must not make them all. */
		if (argc != 3 || strcmp(argv[1], "--ran") != 0)
			return usage("not an absolute path of this program");
	}
	snprintf(path, sizeof(path), "%s", argv[0]);
	snprintf(copy, sizeof(copy), "%s.copy", argv[0]);
	if (argc == 3 && strcmp(argv[1], "--ran") == 0)
		return say_ran(argv[0], argv[2]);
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return for_all(list_one);
	if (argc == 3 && strcmp(argv[1], "--here") == 0)
		return find(argv[2]) ? make_here(find(argv[2]))
				     : usage(argv[2]);
	return argc > 1 ? make_named(argv + 1) : for_all(make_one);
}
