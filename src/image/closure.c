#include "image/closure.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/xattr.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/elf.h"
#include "image/filecaps.h"
#include "image/name.h"

/* Names beyond these are counted: the message is one line. */
enum { NAMED_LIBRARIES = 8 };

/* "server: dynamic program; needs libc.so.6 (and the loader ...); ..." */
static int refuse_dynamic(const char *file, const struct elf *elf,
			  struct err *err)
{
	auto_buf struct buf text = { 0 };

	for (size_t i = 0; i < elf->needed_count && i < NAMED_LIBRARIES; i++)
		buf_fmt(&text, "%s%.*s", i ? ", " : "needs ",
			SLICE_ARGS(elf->needed[i]));
	if (elf->needed_count > NAMED_LIBRARIES)
		buf_fmt(&text, " and %zu more",
			elf->needed_count - NAMED_LIBRARIES);
	if (elf->interpreter.len && elf->needed_count)
		buf_fmt(&text, " (and the loader %.*s)",
			SLICE_ARGS(elf->interpreter));
	else if (elf->interpreter.len)
		buf_fmt(&text, "needs the loader %.*s",
			SLICE_ARGS(elf->interpreter));
	return err_set(err, 0, "%s: dynamic program; %s; link it with -static",
		       file, text.at);
}

static int check_machine(const char *file, const struct elf *elf,
			 const struct arch *arch, struct err *err)
{
	const struct arch *is = arch_by_elf(elf->machine, elf->bits);

	if (is == arch)
		return 0;
	if (is)
		return err_set(err, 0,
			       "%s: a program for linux/%s, and the "
			       "image is for linux/%s",
			       file, is->oci, arch->oci);
	return err_set(err, 0,
		       "%s: a program for ELF machine %u (%d bits), "
		       "and the image is for linux/%s",
		       file, elf->machine, elf->bits == ELFCLASS64 ? 64 : 32,
		       arch->oci);
}

/* The kernel starts it without its libraries, and it dies of that. */
static int refuse_library(const char *file, struct err *err)
{
	return err_set(err, 0, "%s: a library, not a program (no %s)", file,
		       "entry point, or no loader for what it needs");
}

static int check_elf(const char *file, struct slice bytes,
		     const struct arch *arch, bool is_static, struct err *err)
{
	struct elf elf;

	if (elf_parse(&elf, bytes, err) < 0)
		return err_wrap(err, "%s", file);
	if (elf.type != ET_EXEC && elf.type != ET_DYN)
		return err_set(err, 0, "%s: an ELF file, but no program", file);
	if (check_machine(file, &elf, arch, err) < 0)
		return -1;
	if (is_static && !elf_is_static(&elf))
		return refuse_dynamic(file, &elf, err);
	if (!elf.entry || (elf.needed_count && !elf.interpreter.len))
		return refuse_library(file, err);
	return 0;
}

/*
 * The kernel would start the interpreter, whose program then is the script:
 * a filter that allows one start has no place in between.
 */
static int refuse_script(const char *file, struct slice bytes, struct err *err)
{
	struct slice line, rest = bytes;

	slice_cut(&line, &rest, '\n');
	line = slice_trim((struct slice){ line.at + 2, line.len - 2 });
	if (line.len > 80 || !name_is_utf8(line))
		line.len = 0;
	return err_set(err, 0,
		       "%s: a script of %.*s; name the interpreter in "
		       "ExecStart= with the script as its argument, and copy "
		       "both",
		       file, SLICE_ARGS(line));
}

static int check_bytes(struct closure_program *out, const char *file,
		       struct slice bytes, const struct arch *arch,
		       bool is_static, struct err *err)
{
	if (slice_has_prefix(bytes, "#!"))
		return refuse_script(file, bytes, err);
	if (!elf_is_magic(bytes))
		return err_set(err, 0, "%s: no ELF program", file);
	if (check_elf(file, bytes, arch, is_static, err) < 0)
		return -1;
	out->size = bytes.len;
	out->ident_len = bytes.len < CLOSURE_IDENT_SIZE ? bytes.len
							: CLOSURE_IDENT_SIZE;
	memcpy(out->ident, bytes.at, out->ident_len);
	return 0;
}

static int check_file(struct closure_program *out, const char *file,
		      const struct arch *arch, bool is_static, struct err *err)
{
	auto_fd int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", file);
	if (!S_ISREG(st.st_mode))
		return err_set(err, 0, "%s: no regular file", file);
	if (!st.st_size)
		return err_set(err, 0, "%s: an empty file", file);
	/*
	 * Mapped, not read: a program of any size costs the few pages looked
	 * at. Somebody who truncates it this instant gets us a SIGBUS, with
	 * no output begun.
	 */
	void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			 0);

	if (map == MAP_FAILED)
		return err_set(err, errno, "%s", file);
	int result = check_bytes(out, file,
				 (struct slice){ map, (size_t)st.st_size },
				 arch, is_static, err);

	munmap(map, (size_t)st.st_size);
	return result;
}

int closure_check(struct closure_program *out, const char *file,
		  const struct arch *arch, struct err *err)
{
	return check_file(out, file, arch, false, err);
}

int closure_check_static(const char *file, const struct arch *arch,
			 struct err *err)
{
	struct closure_program program;

	return check_file(&program, file, arch, true, err);
}

int closure_check_rights(int fd, const char *file, const struct stat *st,
			 struct err *err)
{
	static const char cure[] = "declare what it shall have with mode=";

	if (st->st_mode & (S_ISUID | S_ISGID))
		return err_set(err, 0, "%s: is set%sid; %s", file,
			       st->st_mode & S_ISUID ? "u" : "g", cure);
	/* libcap asks the kernel for more first, and most files have none. */
	cap_t caps = fgetxattr(fd, FILECAPS_NAME, NULL, 0) < 0 ? NULL
							       : cap_get_fd(fd);

	if (!caps)
		return errno == ENODATA || errno == ENOTSUP || errno == EINVAL
			       ? 0
			       : err_set(err, errno, "%s: capabilities", file);
	char *text = cap_to_text(caps, NULL);

	err_set(err, 0, "%s: has file capabilities (%s); %s", file,
		text ? text : "?", cure);
	cap_free(text);
	cap_free(caps);
	return -1;
}
