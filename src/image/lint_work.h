#ifndef IMAGE_LINT_WORK_H
#define IMAGE_LINT_WORK_H

/* lint_work: what the files of lint share, and nobody else. */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "data/filter.h"
#include "data/service.h"
#include "image/lint.h"
#include "image/scan.h"
#include "image/tree.h"

struct arch;
struct look;
struct reader;
struct reader_image;
struct tar_entry;

enum lint_id {
	LINT_ARCHIVE,
	LINT_ZSTD_LAYER,
	LINT_OCI_ONLY,
	LINT_DUPLICATE_PATH,
	LINT_HARDLINK_ORDER,
	LINT_WHITEOUT_OWN,
	LINT_BELOW_LINK,
	LINT_ODD_NAME,
	LINT_DEVICE_NODE,
	LINT_MANY_LAYERS,
	LINT_BIG_IMAGE,
	LINT_HIDDEN_FILES,
	LINT_DUPLICATE_FILES,
	LINT_SETUID,
	LINT_SETGID,
	LINT_FILE_CAPABILITY,
	LINT_WORLD_WRITABLE,
	LINT_WRITABLE_PROGRAM,
	LINT_ROOT_USER,
	LINT_USER_NAME,
	LINT_USER_UNKNOWN,
	LINT_OWNER_UNKNOWN,
	LINT_NO_PROGRAM,
	LINT_PROGRAM_MISSING,
	LINT_PROGRAM_MODE,
	LINT_PROGRAM_ARCH,
	LINT_SHELL_ENTRYPOINT,
	LINT_SCRIPT_PROGRAM,
	LINT_NO_INIT,
	LINT_NO_FILTER,
	LINT_ALLOW_EXEC,
	LINT_ANY_PROGRAM,
	LINT_PITH_BROKEN,
	LINT_FILTER_PROGRAM,
	LINT_TRACED_UNKNOWN,
	LINT_TRACED_REFUSED,
	LINT_STOP_TIMEOUT,
	LINT_STOP_TIMEOUT_KUBERNETES,
	LINT_STOP_SIGNAL,
	LINT_SHELL_HEALTH,
	LINT_HEALTH_MISSING,
	LINT_SHELL_PRESENT,
	LINT_PACKAGE_MANAGER,
	LINT_PACKAGE_CACHE,
	LINT_CA_MISSING,
	LINT_TZDATA_MISSING,
	LINT_BUILD_PATH,
	LINT_LIBRARY_MISSING,
	LINT_LOADER_MISSING,
	LINT_UNOWNED_PROGRAM,
	LINT_NO_TMP,
	LINT_TMP_MODE,
	LINT_DANGLING_LINK,
	LINT_LINK_ESCAPES,
	LINT_SECRET_KEY,
	LINT_SECRET_FILE,
	LINT_SECRET_ENV,
	LINT_LOW_PORT,
	LINT_CREATED_TIME,
	LINT_FILE_TIMES,
	LINT_WORKDIR_MISSING,
	LINT_RULES
};

/* Names as their hashes: many of them in little memory. */
struct lint_names {
	uint64_t *at;
	size_t count, cap;
	bool is_sorted;
};

/* A library that somebody needs, and the first who does. */
struct lint_need {
	char *name;
	char *by;
	bool is_path; /* a loader */
};

enum { LINT_NEEDS_MAX = 256 };

/* What the tree taught, for the rules about the whole. */
struct lint_facts {
	bool has_ca, has_zones, has_tmp, has_times;
	char *ca_by, *tz_by; /* a program that wants them */
	uint64_t first_time, last_time;
	uint64_t bytes, hidden_bytes;
	struct lint_names libraries;
	struct lint_names owned; /* by a package */
	size_t need_count;
	struct lint_need needs[LINT_NEEDS_MAX];
};

struct lint {
	const struct lint_sink *sink;
	const struct reader *reader;
	const struct reader_image *image;
	const json_t *config; /* what starts it: the config's "config" */
	const struct arch *arch;
	struct scan scan;
	struct tree *tree;
	struct look *look;
	struct buf line; /* of a package's list, while it is read */
	bool is_list;
	bool has_service, has_filter;
	struct service service;
	struct filter filter;
	uint32_t uid, gid;	 /* whom the program runs as */
	const char *program;	 /* as the config names it, or NULL */
	struct buf program_path; /* where it is, links resolved; or empty */
	struct lint_facts facts;
};

/* Tell of a rule broken; the detail is formatted. */
__attribute__((format(printf, 4, 5))) void lint_find(struct lint *lint,
						     enum lint_id id,
						     const char *subject,
						     const char *format, ...);

/* The same for a path in the image, without its slash. */
__attribute__((format(printf, 4, 5))) void lint_find_path(struct lint *lint,
							  enum lint_id id,
							  const char *path,
							  const char *format,
							  ...);

void lint_names_add(struct lint_names *names, struct slice name);
bool lint_names_has(struct lint_names *names, struct slice name);

/* Rules of the config, of evidence, of the order of entries, of the tree, of programs. */
void lint_config(struct lint *lint);
void lint_evidence(struct lint *lint);
extern const struct tree_visitor lint_visitor;
int lint_tree(struct lint *lint, struct err *err);
int lint_program(struct lint *lint, struct err *err);

#endif
