#include "init/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/slice.h"
#include "data/filter.h"
#include "kernel/call.h"
#include "kernel/file.h"

/* What the shells and libcs search when PATH is not set. */
#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

static struct slice search_path(char **envp)
{
	for (; *envp; envp++)
		if (strncmp(*envp, "PATH=", 5) == 0)
			return slice_from(*envp + 5);
	return SLICE(DEFAULT_PATH);
}

/* DIR/NAME, or false where it does not fit; an empty DIR is ".". */
static bool join(char buf[PATH_MAX], struct slice dir, struct slice name)
{
	if (!dir.len)
		dir = SLICE(".");
	if (dir.len + name.len + 2 > PATH_MAX)
		return false;
	memcpy(buf, dir.at, dir.len);
	buf[dir.len] = '/';
	memcpy(buf + dir.len + 1, name.at, name.len);
	buf[dir.len + 1 + name.len] = '\0';
	return true;
}

const char *program_find(char buf[PATH_MAX], const char *name, char **envp,
			 struct err *err)
{
	int reason = ENOENT;
	struct slice rest, dir;

	if (strchr(name, '/'))
		return name;
	rest = search_path(envp);
	while (*name && slice_cut(&dir, &rest, ':')) {
		if (!join(buf, dir, slice_from(name)))
			continue;
		if (access(buf, X_OK) == 0)
			return buf;
		if (errno == EACCES)
			reason = EACCES;
	}
	err_set(err, reason, "%s: not found in PATH", name);
	return NULL;
}

static bool is_same_file(const char *path, const struct filter *filter)
{
	char recorded[FILTER_PATH_MAX + 1];
	struct file_id a, b;

	memcpy(recorded, filter->path, filter->path_len);
	recorded[filter->path_len] = '\0';
	if (strcmp(path, recorded) == 0)
		return true;
	return file_identify(&a, AT_FDCWD, path) == 0 &&
	       file_identify(&b, AT_FDCWD, recorded) == 0 &&
	       a.dev_major == b.dev_major && a.dev_minor == b.dev_minor &&
	       a.ino == b.ino;
}

/* Compare size and first bytes; errors of the file itself are execve's. */
static int compare_head(const struct filter *filter, const char *path,
			struct err *err)
{
	uint8_t head[FILTER_IDENT_SIZE] = { 0 };
	struct file_id id;
	int fd = file_open(path);

	if (fd < 0)
		return err_set(err, errno, "%s", path);
	bool read_all = file_identify(&id, fd, "") == 0 &&
			io_read(fd, head, sizeof(head)) >= 0;
	int failure = errno;

	close(fd);
	if (!read_all)
		return err_set(err, failure, "%s", path);
	if (id.size != filter->program_size ||
	    memcmp(head, filter->ident, sizeof(head)) != 0)
		return err_set(err, 0,
			       "%s: not the program that its filter "
			       "was made for; build the image again",
			       path);
	return 0;
}

int program_check(const struct filter *filter, const char *path,
		  struct err *err)
{
	if (!filter->path_len)
		return err_set(err, 0,
			       "%s: the filter was made for no program; "
			       "AnyProgram=yes permits that",
			       path);
	/* WorkingDirectory= would make another file of a relative path. */
	if (path[0] != '/')
		return err_set(err, 0,
			       "%s: with a filter, name it by its absolute "
			       "path",
			       path);
	if (!is_same_file(path, filter))
		return err_set(err, 0,
			       "%s: the filter was made for %.*s; set "
			       "AnyProgram=yes to use it here",
			       path, (int)filter->path_len, filter->path);
	return compare_head(filter, path, err);
}

/* "#!", blanks, and a path up to a blank or the line's end. */
static bool take_interpreter(char *text)
{
	char *in = text + 2;
	char *out = text;

	while (*in == ' ' || *in == '\t')
		in++;
	while (*in && *in != ' ' && *in != '\t' && *in != '\n')
		*out++ = *in++;
	*out = '\0';
	return text[0] == '/';
}

/* Two calls, since the one that does both takes its place in many ways. */
static bool read_at(int fd, void *buf, size_t size, uint64_t at)
{
	return kernel_call(SYS_lseek, fd, (long)at, SEEK_SET) >= 0 &&
	       read(fd, buf, size) == (ssize_t)size;
}

/* The loader of a program of this machine; its header is in text. */
static bool take_loader(char text[PROGRAM_HELPER_MAX], int fd)
{
	ElfW(Ehdr) header;
	ElfW(Phdr) part;

	memcpy(&header, text, sizeof(header));
	memset(text, 0, PROGRAM_HELPER_MAX);
	for (uint64_t i = 0; i < header.e_phnum; i++)
		if (read_at(fd, &part, sizeof(part),
			    header.e_phoff + i * sizeof(part)) &&
		    part.p_type == PT_INTERP &&
		    part.p_filesz < PROGRAM_HELPER_MAX)
			read_at(fd, text, part.p_filesz, part.p_offset);
	return text[0] == '/';
}

bool program_helper(char helper[PROGRAM_HELPER_MAX], const char *path)
{
	int fd = file_open(path);

	if (fd < 0)
		return false;
	memset(helper, 0, PROGRAM_HELPER_MAX);
	bool has = io_read(fd, helper, PROGRAM_HELPER_MAX - 1) >= 0;

	if (has && helper[0] == '#' && helper[1] == '!')
		has = take_interpreter(helper);
	else if (has && memcmp(helper, ELFMAG, SELFMAG) == 0)
		has = take_loader(helper, fd);
	else
		has = false;
	close(fd);
	return has;
}
