#ifndef TOOL_DERIVATION_H
#define TOOL_DERIVATION_H

/*
 * derivation: a program with its libraries, analysed; and
 * where in its files an address is.
 */
#include "image/libraries.h"
#include "seccomp/derive.h"

struct derivation {
	struct libraries libraries;
	struct program_file *files;
	struct derive derive;
	bool is_complete; /* the user: it opens no further library */
};

enum { DERIVATION_WITH_MAX = 64 };

/* What the user asked for. */
struct derivation_request {
	const char *image;	 /* an archive, or NULL: this machine's files */
	const struct arch *arch; /* of several images, or NULL */
	const char *program;	 /* of an image may be NULL: what it starts */
	const char *root;	 /* where libraries are; NULL: this machine's */
	const char *with[DERIVATION_WITH_MAX];
	size_t with_count;
	bool is_complete;
};

/* Find the files. libraries_close() is owed; nothing can be added. */
int derivation_find(struct libraries *out,
		    const struct derivation_request *request, struct err *err);

/* Analyse them. They are taken over, also by a failure. */
int derivation_run(struct derivation *out, struct libraries *libraries,
		   bool is_complete, struct err *err);

/* Find and analyse. */
int derivation_open(struct derivation *out,
		    const struct derivation_request *request, struct err *err);
void derivation_close(struct derivation *derivation);

/* Whether what stays open matters, given what the user vouched for. */
bool derivation_is_open(const struct derivation *derivation,
			const struct derive_open *open);
size_t derivation_open_count(const struct derivation *derivation);

/* An address for people. */
struct derivation_place {
	const char *file;
	struct slice function; /* empty: not known */
	uint64_t offset;       /* from the function, or from what there is */
	uint64_t address;      /* in the file's own numbers */
};

struct derivation_place derivation_place(const struct derivation *derivation,
					 uint64_t address);

/*
 * Names in files are anybody's bytes: put a question mark for each that is a
 * control character or no UTF-8.
 */
void derivation_clean(char *text);

/* "libc.so.6 write+0x10 (0xf7a30)" */
void derivation_print_place(struct buf *out,
			    const struct derivation *derivation,
			    uint64_t address);

#endif
