#include "image/debug.h"

#include "base/buf.h"
#include "base/err.h"
#include "image/closure.h"
#include "image/copy.h"
#include "image/plan.h"
#include "image/recipe.h"
#include "image/view.h"

#define BUSYBOX "/bin/busybox"

/* For looking around; any other is "busybox NAME". */
static const char *const applets[] = {
	"awk",	     "base64",	"cat",	    "chmod", "chown",	"cmp",
	"cp",	     "cut",	"date",	    "dd",    "df",	"diff",
	"dmesg",     "du",	"echo",	    "env",   "false",	"find",
	"free",	     "grep",	"gunzip",   "gzip",  "head",	"hexdump",
	"hostname",  "id",	"ip",	    "kill",  "less",	"ln",
	"ls",	     "md5sum",	"mkdir",    "more",  "mount",	"mv",
	"nc",	     "netstat", "nslookup", "od",    "ping",	"printf",
	"ps",	     "pwd",	"readlink", "rm",    "sed",	"sh",
	"sha256sum", "sleep",	"sort",	    "stat",  "strings", "tail",
	"tar",	     "tee",	"test",	    "top",   "touch",	"tr",
	"true",	     "uname",	"uniq",	    "vi",    "wc",	"wget",
	"which",     "xargs",
};

static int add_applet(struct plan *plan, const char *name, struct err *err)
{
	auto_buf struct buf path = { 0 };

	buf_fmt(&path, "/busybox/%s", name);
	return plan_add(plan,
			&(struct plan_entry){ .path = path.at,
					      .layer = PLAN_DEBUG,
					      .type = TAR_SYMLINK,
					      .mode = 0777,
					      .link = "busybox",
					      .origin = "Debug=" },
			err);
}

static int add_busybox(struct plan *plan, const struct recipe *recipe,
		       const struct root *root, struct err *err)
{
	const struct view view = { .root = root };
	auto_view_file struct view_file file = { 0 };
	int got = view_find(&file, &view, BUSYBOX, err);

	if (got == 0)
		return err_set(err, 0, "needs %s: install busybox-static",
			       BUSYBOX);
	/* The package busybox has a dynamic program at the same place. */
	if (got < 0 ||
	    closure_check_static(file.file.at, recipe->arch, err) < 0)
		return -1;
	return copy_add(plan,
			&(struct copy){ .from = file.file.at,
					.to = "/busybox/busybox",
					.has_mode = true,
					.mode = 0755,
					.layer = PLAN_DEBUG,
					.origin = "Debug=" },
			NULL, err);
}

int debug_add(struct plan *plan, const struct recipe *recipe,
	      const struct root *root, struct err *err)
{
	if (!recipe->is_debug)
		return 0;
	if (add_busybox(plan, recipe, root, err) < 0)
		return err_wrap(err, "Debug");
	for (size_t i = 0; i < sizeof(applets) / sizeof(applets[0]); i++)
		if (add_applet(plan, applets[i], err) < 0)
			return -1;
	return 0;
}
