#include "tool/rootless.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/scope.h"

enum { SUBID_MAX = 1024 * 1024, PATH_SIZE = 4096, IDS_NEEDED = 65536 };

/* Whether a file of subuid(5) gives the user enough ids: NAME:FIRST:COUNT. */
static bool has_ids(struct slice text, const char *name, uid_t uid)
{
	struct slice line, owner, first, count;
	uint32_t number, ids;

	while (slice_cut(&line, &text, '\n')) {
		if (!slice_cut(&owner, &line, ':') ||
		    !slice_cut(&first, &line, ':') ||
		    !slice_cut(&count, &line, ':') || !num_u32(&ids, count))
			continue;
		if (ids >= IDS_NEEDED &&
		    ((name && slice_eq(owner, name)) ||
		     (num_u32(&number, owner) && number == uid)))
			return true;
	}
	return false;
}

/*
 * The user's name in passwd(5), or NULL. Read here, because getpwuid(3) loads
 * libraries, which a static pith cannot; subuid(5) may also name the uid.
 */
static char *user_name(uid_t uid)
{
	auto_free char *text = NULL;
	struct slice rest, line, name, word;
	struct err ignored;
	size_t len;
	uint32_t id;

	if (io_load(&text, &len, "/etc/passwd", SUBID_MAX, &ignored) < 0)
		return NULL;
	rest = (struct slice){ text, len };
	while (slice_cut(&line, &rest, '\n'))
		if (slice_cut(&name, &line, ':') &&
		    slice_cut(&word, &line, ':') &&
		    slice_cut(&word, &line, ':') && num_u32(&id, word) &&
		    id == uid)
			return mem_text(name);
	return NULL;
}

static int check_ids(const char *path, const char *name, struct err *err)
{
	auto_free char *text = NULL;
	size_t len;

	if (io_load(&text, &len, path, SUBID_MAX, err) < 0)
		return -1;
	if (has_ids((struct slice){ text, len }, name, getuid()))
		return 0;
	return err_set(err, 0,
		       "%s: gives %s fewer than %d ids, which an "
		       "image's users need; see usermod(8), "
		       "--add-subuids and --add-subgids",
		       path, name ? name : "this uid", IDS_NEEDED);
}

int rootless_enter(int argc, char **argv, struct err *err)
{
	static const char *const before[] = { "unshare", "--user",
					      "--map-root-user", "--map-auto",
					      "--" };
	enum { BEFORE = sizeof(before) / sizeof(before[0]) };
	char self[PATH_SIZE] = "";
	auto_free char *name = user_name(getuid());
	auto_free const char **args = mem_new(BEFORE + 2 + (size_t)argc,
					      sizeof(*args));

	if (check_ids("/etc/subuid", name, err) < 0 ||
	    check_ids("/etc/subgid", name, err) < 0)
		return err_wrap(err, "not root");
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return err_set(err, errno, "/proc/self/exe");
	memcpy(args, before, sizeof(before));
	args[BEFORE] = self;
	for (int i = 0; i < argc; i++)
		args[BEFORE + 1 + i] = argv[i];
	/* execvp takes strings that it does not write to. */
	execvp(args[0], (char **)(uintptr_t)args);
	return err_set(err, errno, "not root: unshare");
}

bool rootless_is_inside(void)
{
	auto_free char *map = NULL;
	struct err ignored;
	struct slice rest, word;
	size_t len;

	/* On the machine itself the map is one line: 0 0 4294967295. */
	if (io_load(&map, &len, "/proc/self/uid_map", PATH_SIZE, &ignored) < 0)
		return false;
	rest = (struct slice){ map, len };
	return !(slice_word(&word, &rest) && slice_eq(word, "0") &&
		 slice_word(&word, &rest) && slice_eq(word, "0"));
}
