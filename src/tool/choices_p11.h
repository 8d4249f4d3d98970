#ifndef TOOL_CHOICES_P11_H
#define TOOL_CHOICES_P11_H

/* choices_p11: the modules that p11-kit opens. For choices.c alone. */
#include "tool/choices_try.h"

/*
 * What all *.module of the directory name, also those that are not for this
 * program. 0 or -1.
 */
int choices_see_p11(const struct choices_work *work, const char *dir);

/* What gnutls has it open by its own configuration. 0 or -1. */
int choices_see_gnutls(const struct choices_work *work);

#endif
