#ifndef SECCOMP_PAM_H
#define SECCOMP_PAM_H

/*
 * pam: whether a program, or a module of its own, chooses the file of Linux-
 * PAM's configuration.
 */
#include <stdbool.h>

struct derive;
struct module;

/*
 * Whether a caller of that libpam may set the service's name by pam_set_item(),
 * which may be a path then. What pam_start() gets is stripped of its path.
 */
bool pam_may_choose(struct derive *derive, const struct module *pam);

#endif
