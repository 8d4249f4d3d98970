#ifndef DATA_PAM_CONF_H
#define DATA_PAM_CONF_H

/*
 * pam_conf: the modules that a file of Linux-PAM's configuration names by a
 * path: pam.conf(5).
 */
#include <stdbool.h>

#include "base/buf.h"

/* Append the file's lines, with those joined that a backslash continues. */
void pam_conf_join(struct buf *out, struct slice text);

/* A file that was joined, read line by line. */
struct pam_conf {
	struct slice text; /* what is left */
	bool has_service;  /* pam.conf, where each line begins with one */
	bool leads_away;   /* to another file, or where nobody can tell */
};

/* The next module with a slash in it, within the text. False at the end. */
bool pam_conf_module(struct slice *out, struct pam_conf *conf);

#endif
