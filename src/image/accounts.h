#ifndef IMAGE_ACCOUNTS_H
#define IMAGE_ACCOUNTS_H

/*
 * accounts: the users and groups of every image, and their numbers. The texts
 * are those of distroless, byte for byte, so that what expects its accounts
 * finds them.
 */
#include <stdbool.h>
#include <stdint.h>

struct err;
struct service;
struct slice;

enum { ACCOUNTS_NONROOT = 65532 };

extern const char accounts_passwd[];
extern const char accounts_group[];

/*
 * Turn the names of User=, Group= and SupplementaryGroups= into numbers. No
 * user is nonroot; no group is the one that passwd gives the user, or else
 * the user's own number. Fails for a name that the image does not have.
 */
int accounts_resolve(struct service *service, struct err *err);

/* Read "USER" or "USER:GROUP", names or numbers, by the same rules. */
int accounts_owner(uint32_t *uid, uint32_t *gid, struct slice text,
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
