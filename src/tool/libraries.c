#include "tool/libraries.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/elf.h"

enum { CONF_MAX = 1 << 20, INCLUDE_DEPTH = 4, LIBRARIES_MAX = 512 };

static const char *const default_dirs[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
	"/usr/local/lib",
};

static int map_file(struct slice *out, const char *path, struct err *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode) || !st.st_size)
		return err_set(err, 0, "%s: no regular file, or empty", path);
	void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			 0);

	if (map == MAP_FAILED)
		return err_set(err, errno, "%s", path);
	*out = (struct slice){ map, (size_t)st.st_size };
	return 0;
}

/* Whether a file there can serve: other machines' are passed over. */
static bool is_ours(const char *path)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unsigned char header[20];

	return fd >= 0 &&
	       io_read(fd, header, sizeof(header)) == sizeof(header) &&
	       memcmp(header, ELFMAG, SELFMAG) == 0 &&
	       header[EI_CLASS] == ELFCLASS64 && header[18] == EM_X86_64;
}

static bool try_dir(struct buf *path, struct slice dir, const char *name)
{
	path->len = 0;
	buf_add(path, dir.at, dir.len);
	buf_text(path, "/");
	buf_text(path, name);
	return is_ours(path->at);
}

/* $ORIGIN stands for the directory of the file that says so. */
static void expand(struct buf *out, struct slice dir, const char *origin)
{
	static const char *const words[] = { "${ORIGIN}", "$ORIGIN" };
	const char *slash = strrchr(origin, '/');

	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(words[i]);
		const char *at = memmem(dir.at, dir.len, words[i], len);

		if (!at)
			continue;
		buf_add(out, dir.at, (size_t)(at - dir.at));
		buf_add(out, slash ? origin : ".",
			slash ? (size_t)(slash - origin) : 1);
		at += len;
		buf_add(out, at, (size_t)(dir.at + dir.len - at));
		return;
	}
	buf_add(out, dir.at, dir.len);
}

static bool try_list(struct buf *path, struct slice dirs, const char *name,
		     const char *origin)
{
	struct slice dir;

	while (slice_cut(&dir, &dirs, ':')) {
		auto_buf struct buf expanded = { 0 };

		expand(&expanded, dir, origin);
		if (expanded.len && try_dir(path, buf_slice(&expanded), name))
			return true;
	}
	return false;
}

static bool try_conf(struct buf *path, const char *conf, const char *name,
		     int depth);

static bool try_include(struct buf *path, struct slice pattern,
			const char *name, int depth)
{
	auto_free char *text = mem_text(pattern);
	glob_t found;
	bool is_found = false;

	if (depth == INCLUDE_DEPTH || glob(text, 0, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc && !is_found; i++)
		is_found = try_conf(path, found.gl_pathv[i], name, depth + 1);
	globfree(&found);
	return is_found;
}

/* ld.so.conf(5), from which the loader's cache is made. */
static bool try_conf(struct buf *path, const char *conf, const char *name,
		     int depth)
{
	auto_free char *text = NULL;
	size_t len;
	struct err err;
	struct slice rest, line, word;

	if (io_load(&text, &len, conf, CONF_MAX, &err) < 0)
		return false;
	rest = (struct slice){ text, len };
	while (slice_cut(&line, &rest, '\n')) {
		struct slice code;

		if (!slice_cut(&code, &line, '#') || !slice_word(&word, &code))
			continue;
		if (slice_eq(word, "include")) {
			if (slice_word(&word, &code) &&
			    try_include(path, word, name, depth))
				return true;
		} else if (try_dir(path, word, name)) {
			return true;
		}
	}
	return false;
}

static bool find(struct buf *path, const char *name, struct slice runpath,
		 const char *origin)
{
	if (strchr(name, '/')) {
		path->len = 0;
		buf_text(path, name);
		return is_ours(name);
	}
	if (try_list(path, runpath, name, origin) ||
	    try_conf(path, "/etc/ld.so.conf", name, 0))
		return true;
	for (size_t i = 0; i < sizeof(default_dirs) / sizeof(default_dirs[0]);
	     i++)
		if (try_dir(path, slice_from(default_dirs[i]), name))
			return true;
	return false;
}

static bool is_loaded(const struct libraries *libraries, const char *name)
{
	for (size_t i = 0; i < libraries->files.count; i++) {
		const struct library *file = &libraries->files.at[i];

		if (strcmp(file->name, name) == 0 ||
		    (file->soname && strcmp(file->soname, name) == 0))
			return true;
	}
	return false;
}

static int load(struct libraries *libraries, const char *path, const char *name,
		struct err *err)
{
	struct library file = { .is_whole = false };
	struct elf elf;

	if (libraries->files.count == LIBRARIES_MAX)
		return err_set(err, 0, "%s: more than %d libraries", path,
			       LIBRARIES_MAX);
	if (map_file(&file.bytes, path, err) < 0)
		return -1;
	if (elf_parse(&elf, file.bytes, err) < 0) {
		munmap((void *)(uintptr_t)file.bytes.at, file.bytes.len);
		return err_wrap(err, "%s", path);
	}
	file.path = mem_text(slice_from(path));
	file.soname = elf.soname.len ? mem_text(elf.soname) : NULL;
	file.name = file.soname ? file.soname : file.path;
	if (name && !file.soname)
		file.name = file.soname = mem_text(slice_from(name));
	LIST_ADD(&libraries->files, file);
	return 0;
}

static int load_needed(struct libraries *libraries, const char *name,
		       const struct elf *elf, const char *origin,
		       struct err *err)
{
	auto_buf struct buf path = { 0 };

	if (is_loaded(libraries, name))
		return 0;
	/* musl's libc is its loader, under whatever name it is asked for. */
	if (libraries->loader && strstr(libraries->loader, "/ld-musl-") &&
	    (strcmp(name, "libc.so") == 0 ||
	     strncmp(name, "libc.musl-", 10) == 0))
		return is_loaded(libraries, libraries->loader)
			       ? 0
			       : load(libraries, libraries->loader,
				      libraries->loader, err);
	if (!find(&path, name, elf->runpath, origin))
		return err_set(err, 0, "%s: needs %s, which is not here",
			       origin, name);
	return load(libraries, path.at, name, err);
}

/* Breadth first, as the loader does: the order of the scope. */
static int load_all(struct libraries *libraries, size_t from, struct err *err)
{
	for (size_t i = from; i < libraries->files.count; i++) {
		auto_free char *origin = mem_text(
			slice_from(libraries->files.at[i].path));
		struct elf elf;

		if (elf_parse(&elf, libraries->files.at[i].bytes, err) < 0)
			return err_wrap(err, "%s", origin);
		for (size_t n = 0; n < elf.needed_count; n++) {
			auto_free char *name = mem_text(elf.needed[n]);

			if (load_needed(libraries, name, &elf, origin, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int load_loader(struct libraries *libraries, struct err *err)
{
	const char *path = libraries->loader;
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	for (size_t i = 0; i < libraries->files.count; i++) {
		struct library *file = &libraries->files.at[i];

		if (strcmp(file->name, name) == 0 ||
		    strcmp(file->path, path) == 0) {
			file->is_loader = true;
			return 0;
		}
	}
	if (load(libraries, path, name, err) < 0)
		return -1;
	libraries->files.at[libraries->files.count - 1].is_loader = true;
	return 0;
}

int libraries_open(struct libraries *out, const char *program, struct err *err)
{
	struct elf elf;

	*out = (struct libraries){ 0 };
	if (load(out, program, NULL, err) < 0)
		return -1;
	if (elf_parse(&elf, out->files.at[0].bytes, err) < 0)
		return -1;
	if (elf.interpreter.len)
		out->loader = mem_text(elf.interpreter);
	if (load_all(out, 0, err) < 0)
		return -1;
	return out->loader ? load_loader(out, err) : 0;
}

int libraries_add(struct libraries *libraries, const char *name,
		  struct err *err)
{
	static const struct elf none = { .runpath = { "", 0 } };
	size_t before = libraries->files.count;

	if (load_needed(libraries, name, &none, "--with", err) < 0 ||
	    load_all(libraries, before, err) < 0)
		return -1;
	if (libraries->files.count > before)
		libraries->files.at[before].is_whole = true;
	return 0;
}

void libraries_close(struct libraries *libraries)
{
	for (size_t i = 0; i < libraries->files.count; i++) {
		struct library *file = &libraries->files.at[i];

		munmap((void *)(uintptr_t)file->bytes.at, file->bytes.len);
		free(file->path);
		free(file->soname);
	}
	free(libraries->files.at);
	free(libraries->loader);
	*libraries = (struct libraries){ 0 };
}
