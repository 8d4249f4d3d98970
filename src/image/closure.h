#ifndef IMAGE_CLOSURE_H
#define IMAGE_CLOSURE_H

/*
 * closure: whether a file is a program that an image can start, given what it
 * needs (needs.h).
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct arch;
struct elf;
struct err;

enum { CLOSURE_IDENT_SIZE = 64 };

/* What the filter remembers of its program. */
struct closure_program {
	uint64_t size;
	size_t ident_len;
	uint8_t ident[CLOSURE_IDENT_SIZE]; /* its first bytes */
};

/*
 * Accept the host file if it is an ELF program for arch; messages begin with
 * its name.
 */
int closure_check(struct closure_program *out, const char *file,
		  const struct arch *arch, struct err *err);

/* Only a static one; a dynamic one's message names its libraries and loader. */
int closure_check_static(const char *file, const struct arch *arch,
			 struct err *err);

/*
 * Refuse the open file if it would give whoever runs it more rights: setuid,
 * setgid, or file capabilities, which the image would silently lose.
 */
int closure_check_rights(int fd, const char *file, const struct stat *st,
			 struct err *err);

#endif
