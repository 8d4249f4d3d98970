#ifndef IMAGE_RECIPE_H
#define IMAGE_RECIPE_H

/*
 * recipe: what an image is to be, as NAME.pith writes it. docs/pith-recipe.5
 * lists the keys; the table in recipe.c is the only place that knows them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/harden.h"
#include "data/service.h"
#include "image/accounts.h"

struct arch;
struct buf;
struct err;

enum {
	RECIPE_MAX = 256 * 1024, /* bytes of a recipe */
	RECIPE_PLATFORMS_MAX = 8,
};

/* Each holds what the one before it does. */
enum recipe_base {
	RECIPE_SCRATCH,
	RECIPE_STATIC,
	RECIPE_GLIBC,
	RECIPE_CC,
};

struct recipe_copy {
	const char *source; /* host path as written: %a not yet replaced */
	const char *target; /* absolute; a slash at its end: into it */
	bool has_mode;
	uint32_t mode;
	const char *owner; /* as written, or NULL; then in numbers: */
	uint32_t uid;
	uint32_t gid;
	const char *caps; /* as cap_from_text(3) has them, or NULL */
	unsigned int line;
};

/* A symbolic link of the image, or a user's home with its owner. */
struct recipe_path {
	const char *path;
	const char *link; /* where it leads; NULL: a home */
	uint32_t uid, gid;
	unsigned int line;
};

/* A key of data/harden.h as written; its value is read at the end. */
struct recipe_harden {
	size_t key;
	const char *value;
	unsigned int line;
};

/* What is opened at run time: a library by name, or paths in the root. */
struct recipe_need {
	const char *what;
	unsigned int line;
};

struct recipe_list {
	size_t count;
	char **at;
};

/* What the builder says of the filter, in labels: names of calls, sorted. */
struct recipe_filter {
	const char *status;  /* "exact" and so on */
	const char *derived; /* NULL: nothing was derived */
	const char *traced;  /* NULL: there is no trace */
};

struct recipe_archs {
	const struct arch *at[RECIPE_PLATFORMS_MAX];
	size_t count;
};

struct recipe {
	const char *file; /* for messages */
	const char *name;
	const char *tag;
	enum recipe_base base;
	bool is_debug; /* a layer with a shell on top */
	/* Platforms=, each once; arch is the one that is being built. */
	const struct arch *archs[RECIPE_PLATFORMS_MAX];
	size_t arch_count;
	const struct arch *arch;
	const char *root; /* as written; NULL: this machine's */
	unsigned int root_line;
	size_t need_count;
	struct recipe_need *needs;
	size_t copy_count;
	struct recipe_copy *copies;
	size_t path_count;
	struct recipe_path *paths;
	struct accounts accounts;
	struct recipe_list expose;  /* "8080/tcp" */
	struct recipe_list volumes; /* absolute paths */
	struct recipe_list labels;  /* "key=value" */
	struct recipe_list also;    /* programs that are started by exec */
	struct recipe_list traces;  /* files, as written: %a not replaced */
	bool lacks_package_data;    /* PackageData=no */
	struct service service;	    /* ids are numbers */
	struct harden harden;	    /* what the filter refuses as well */
	bool filter_denies;	    /* SystemCallFilter= begins with ~ */
	bool says_exec;		    /* AllowExec= is given */
	struct recipe_archs exec;   /* AllowExec= of these alone, if any */
	struct recipe_filter filter;
	size_t harden_count;
	struct recipe_harden *hardens;
	unsigned int exec_line;	  /* of ExecStart=; 0: from no file */
	unsigned int filter_line; /* of SystemCallFilter=, or 0 */
	struct recipe_list kept;  /* texts that the others point at */
};

/*
 * Read a recipe. text is len bytes with room for one more; it is rewritten,
 * and *out points into it and at file. Messages begin with FILE:LINE.
 * On success the caller owes recipe_free().
 */
int recipe_parse(struct recipe *out, char *text, size_t len, const char *file,
		 struct err *err);

/*
 * The recipe of a lone program: /app/BASENAME with these arguments. *out
 * points at program and args. The caller owes recipe_free().
 */
int recipe_lone(struct recipe *out, const char *program, char **args,
		size_t arg_count, struct err *err);

/* Replace name and tag by those of "NAME:TAG" (or NAME), which is split. */
int recipe_set_reference(struct recipe *recipe, char *reference,
			 struct err *err);

/* Check the name, which may be made from a file's, once all have spoken. */
int recipe_check_name(const struct recipe *recipe, struct err *err);

/* Append a path that is relative to the recipe's directory, %a put in. */
void recipe_path(struct buf *out, const struct recipe *recipe,
		 const char *path);

/* Put "FILE:LINE: " (or "FILE: " for line 0) before the message. Returns -1. */
int recipe_wrap(struct err *err, const struct recipe *recipe,
		unsigned int line);

void recipe_free(struct recipe *recipe);

#endif
