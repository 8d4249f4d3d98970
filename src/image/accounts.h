#ifndef IMAGE_ACCOUNTS_H
#define IMAGE_ACCOUNTS_H

/*
 * accounts: the users and groups of an image, and their numbers. Those of every
 * image are distroless's, byte for byte, so that what expects its accounts
 * finds them.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct err;
struct service;

enum { ACCOUNTS_NONROOT = 65532 };

extern const char accounts_passwd[];
extern const char accounts_group[];

/* The texts of /etc/passwd and /etc/group. */
struct accounts {
	struct buf passwd;
	struct buf group;
};

/* Those of every image; accounts_free() is owed. */
void accounts_start(struct accounts *accounts);
void accounts_free(struct accounts *accounts);

/*
 * Add "NAME:UID[:GID[:HOME]]": a user that cannot log in, and a group of the
 * same name unless there is one of that number. Fails for a name or number
 * that there is already. *home is as given, or NULL.
 */
int accounts_add(struct accounts *accounts, const char **home, const char *text,
		 struct err *err);

/*
 * Turn the names of User=, Group= and SupplementaryGroups= into numbers. No
 * user is nonroot; no group is the one that passwd gives the user, or else
 * the user's own number. Fails for a name that the image does not have.
 */
int accounts_resolve(struct service *service, const struct accounts *accounts,
		     struct err *err);

/* Read "USER" or "USER:GROUP", names or numbers, by the same rules. */
int accounts_owner(uint32_t *uid, uint32_t *gid,
		   const struct accounts *accounts, struct slice text,
		   struct err *err);

/*
 * Read "USER" or "USER:GROUP" as engines do, by an image's own files: no
 * group is the one that passwd gives the user, or else root's. "" is root.
 */
int accounts_find(uint32_t *uid, uint32_t *gid, const char *passwd,
		  const char *group, struct slice text, struct err *err);

/* Whether that file has a line with the number in its third field. */
bool accounts_has(const char *passwd, uint32_t id);

#endif
