#ifndef TOOL_CHOICES_PAM_H
#define TOOL_CHOICES_PAM_H

/* choices_pam: the modules that Linux-PAM opens. For choices.c alone. */
#include "tool/choices_try.h"

/*
 * All modules of the directory that libpam has, and what its configuration
 * names by a path. 0 or -1.
 */
int choices_see_pam(const struct choices_work *work);

#endif
