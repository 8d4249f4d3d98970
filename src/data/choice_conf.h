#ifndef DATA_CHOICE_CONF_H
#define DATA_CHOICE_CONF_H

/*
 * choice_conf: what configuration files say of the libraries that programs
 * open at run time.
 */
#include <stdbool.h>

#include "base/slice.h"

/* nsswitch.conf(5), read service by service. */
struct choice_conf {
	struct slice text; /* what is left of the file */
	struct slice line; /* what is left of a database's line */
};

/*
 * The next service that any database names; it points into the text. False at
 * the end. A service is named once for each database.
 */
bool choice_conf_service(struct slice *out, struct choice_conf *conf);

/* Whether a gconv-modules file names a module that is not in its directory. */
bool choice_conf_gconv_leads_away(struct slice text);

/* Whether an openssl.cnf names a file to load, or a file with more of it. */
bool choice_conf_openssl_loads(struct slice text);

/* Whether a *.conf of SASL's names a file that lists plugins. */
bool choice_conf_sasl_lists(struct slice text);

/*
 * The next library that a *.module of p11-kit names; *text is what is left.
 * False at the end.
 */
bool choice_conf_p11_module(struct slice *out, struct slice *text);

/* The same of what the loader preloads: ld.so(8), /etc/ld.so.preload. */
bool choice_conf_preloaded(struct slice *out, struct slice *text);

/* The same of gnutls's pkcs11.conf. */
bool choice_conf_gnutls_module(struct slice *out, struct slice *text);

#endif
