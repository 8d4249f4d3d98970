#include "image/search_dirs.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/elf.h"
#include "data/ldconf.h"
#include "data/loader.h"
#include "image/plan.h"
#include "image/search.h"

#define LD_SO_CONF "/etc/ld.so.conf"

enum { CONF_MAX = 1 << 20, INCLUDE_DEPTH = 8, DIRS_MAX = 256 };

enum token { TOKEN_ORIGIN, TOKEN_LIB, TOKEN_PLATFORM, TOKENS };

static const char *const tokens[TOKENS] = { "ORIGIN", "LIB", "PLATFORM" };

/* The token at the dollar sign that text begins with; *len is its whole. */
static enum token token_at(size_t *len, struct slice text)
{
	bool is_braced = text.len > 1 && text.at[1] == '{';
	struct slice word = { text.at + 1 + is_braced,
			      text.len - 1 - is_braced };

	for (enum token i = 0; i < TOKENS; i++) {
		size_t n = strlen(tokens[i]);

		if (!slice_has_prefix(word, tokens[i]) ||
		    (is_braced && (word.len == n || word.at[n] != '}')))
			continue;
		*len = n + 1 + 2 * is_braced;
		return i;
	}
	*len = 1;
	return TOKENS;
}

static void put_token(struct buf *out, const struct search *search,
		      enum token token, const char *file)
{
	const char *slash = strrchr(file, '/');
	const struct arch *arch = arch_by_elf(search->machine, search->bits);

	if (token == TOKEN_ORIGIN)
		buf_add(out, file, slash ? (size_t)(slash - file) : 0);
	else if (token == TOKEN_LIB)
		buf_text(out, search->lib ? search->lib : "lib");
	else if (token == TOKEN_PLATFORM)
		buf_text(out, arch ? arch->name : "");
	else
		buf_text(out, "$");
}

void search_expand(struct buf *out, const struct search *search,
		   struct slice dir, const char *file)
{
	while (dir.len) {
		const char *dollar = memchr(dir.at, '$', dir.len);
		size_t plain = dollar ? (size_t)(dollar - dir.at) : dir.len;
		size_t len;

		buf_add(out, dir.at, plain);
		dir.at += plain;
		dir.len -= plain;
		if (!dir.len)
			break;
		enum token token = token_at(&len, dir);

		put_token(out, search, token, file);
		dir.at += len;
		dir.len -= len;
	}
}

bool search_has_origin(struct slice dir)
{
	const char *at = dir.at;
	size_t len;

	while ((at = memchr(at, '$', dir.len - (size_t)(at - dir.at)))) {
		struct slice rest = { at, dir.len - (size_t)(at - dir.at) };

		if (token_at(&len, rest) == TOKEN_ORIGIN)
			return true;
		at += len;
	}
	return false;
}

static void add_default(struct search *search, struct slice path)
{
	if (path.len > 1 && path.at[path.len - 1] == '/')
		path.len--;
	LIST_ADD(&search->defaults,
		 (struct search_dir){ mem_text(path), true });
}

/* The text of a file of the image to be; false where there is none. */
static bool load(char **text, size_t *len, const struct search *search,
		 const char *path, struct err *err)
{
	auto_view_file struct view_file file = { 0 };

	if (view_find(&file, search->view, path, err) <= 0)
		return false;
	if (file.planned && plan_bytes(file.planned)) {
		*len = (size_t)file.planned->size;
		*text = mem_text((struct slice){ file.planned->bytes, *len });
		return true;
	}
	return file.file.len &&
	       io_load(text, len, file.file.at, CONF_MAX, err) == 0;
}

/* Where the same directory has another name, it is the same directory. */
static bool is_default(const struct search *search, const char *path,
		       struct err *err)
{
	auto_view_file struct view_file one = { 0 };
	bool is_same = false;

	if (view_find(&one, search->view, path, err) < 0)
		return false;
	for (size_t i = 0; i < search->defaults.count && !is_same; i++) {
		auto_view_file struct view_file other = { 0 };

		is_same = view_find(&other, search->view,
				    search->defaults.at[i].path, err) >= 0 &&
			  strcmp(one.path.at, other.path.at) == 0;
	}
	return is_same;
}

static void read_conf(struct search *search, const char *path, int depth);

/* What an image to be holds, which need not be here. */
static void include_planned(struct search *search, const char *pattern,
			    int depth)
{
	const struct plan *plan = search->view->plan;

	for (size_t i = 0; i < plan->count; i++)
		if (fnmatch(pattern, plan->entries[i].path, FNM_PATHNAME) == 0)
			read_conf(search, plan->entries[i].path, depth + 1);
}

/* A pattern is relative to the directory of the file that includes. */
static void include(struct search *search, const char *path,
		    struct slice pattern, int depth)
{
	const char *slash = strrchr(path, '/');
	auto_buf struct buf whole = { 0 };
	struct root_paths found;

	if (pattern.at[0] != '/')
		buf_add(&whole, path, (size_t)(slash + 1 - path));
	buf_add(&whole, pattern.at, pattern.len);
	if (search->view->is_plan_only) {
		include_planned(search, whole.at, depth);
		return;
	}
	root_glob(&found, search->view->root, whole.at);
	for (size_t i = 0; i < found.paths.count; i++)
		read_conf(search, found.paths.at[i], depth + 1);
	root_free_paths(&found);
}

/* What cannot be read is as for ldconfig: not there. */
static void read_conf(struct search *search, const char *path, int depth)
{
	auto_free char *text = NULL;
	struct ldconf_item item;
	size_t len;
	struct err err;

	if (depth > INCLUDE_DEPTH || !load(&text, &len, search, path, &err))
		return;
	struct ldconf conf = { .text = { text, len }, .line = { "", 0 } };

	while (ldconf_next(&item, &conf) && search->conf.count < DIRS_MAX) {
		if (item.is_include) {
			include(search, path, item.value, depth);
		} else if (item.value.at[0] == '/') {
			char *dir = mem_text(item.value);
			struct search_dir new = { dir, is_default(search, dir,
								  &err) };

			LIST_ADD(&search->conf, new);
		}
	}
}

/* musl: /etc/ld-musl-ARCH.path, ARCH as in the loader's own name. */
static void open_musl(struct search *search, struct slice interpreter)
{
	auto_buf struct buf path = { 0 };
	auto_free char *text = NULL;
	struct slice name = interpreter, dir;
	size_t len;
	struct err err;

	while (slice_cut(&dir, &name, '/') && name.len)
		;
	/* "ld-musl-x86_64.so.1" */
	name = dir;
	slice_cut(&dir, &name, '.');
	buf_fmt(&path, "/etc/%.*s.path", SLICE_ARGS(dir));
	struct slice rest = SLICE("/lib:/usr/local/lib:/usr/lib");

	if (load(&text, &len, search, path.at, &err)) {
		search->path_file = mem_text(buf_slice(&path));
		for (size_t i = 0; i < len; i++)
			if (text[i] == '\n')
				text[i] = ':';
		rest = (struct slice){ text, len };
	}
	while (slice_cut(&dir, &rest, ':'))
		if (dir.len && search->defaults.count < DIRS_MAX)
			add_default(search, dir);
}

/* Without a loader's word: Debian's directories, then everybody's. */
static void add_usual(struct search *search)
{
	static const char *const usual[] = { "/lib64", "/usr/lib64", "/lib",
					     "/usr/lib" };
	const struct arch *arch = arch_by_elf(search->machine, search->bits);
	auto_buf struct buf dir = { 0 };

	if (arch && arch->tuple) {
		buf_fmt(&dir, "/usr/lib/%s", arch->tuple);
		add_default(search, slice_from(dir.at + 4));
		add_default(search, buf_slice(&dir));
	}
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		add_default(search, slice_from(usual[i]));
}

static void open_glibc(struct search *search, struct slice loader)
{
	struct slice dirs[LOADER_DIRS_MAX];
	size_t count = loader_dirs(dirs, loader);

	for (size_t i = 0; i < count; i++)
		add_default(search, dirs[i]);
	if (!count)
		add_usual(search);
	/* "/lib/x86_64-linux-gnu" tells what it takes $LIB for. */
	search->lib = mem_text(slice_from(search->defaults.at[0].path + 1));
	read_conf(search, LD_SO_CONF, 0);
}

int search_open(struct search *out, const struct view *view,
		const struct elf *program, struct slice interpreter,
		struct slice loader, struct err *err)
{
	*out = (struct search){
		.view = view,
		.machine = program->machine,
		.bits = program->bits,
		.is_musl = loader_is_musl(interpreter),
	};
	if (root_open(&out->host, "/", err) < 0)
		return -1;
	if (out->is_musl)
		open_musl(out, interpreter);
	else
		open_glibc(out, loader);
	return 0;
}

void search_close(struct search *search)
{
	for (size_t i = 0; i < search->conf.count; i++)
		free(search->conf.at[i].path);
	for (size_t i = 0; i < search->defaults.count; i++)
		free(search->defaults.at[i].path);
	free(search->conf.at);
	free(search->defaults.at);
	free(search->lib);
	free(search->path_file);
	if (search->host.path)
		root_close(&search->host);
	*search = (struct search){ 0 };
}
