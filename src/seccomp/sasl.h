#ifndef SECCOMP_SASL_H
#define SECCOMP_SASL_H

/*
 * sasl: what a program says to Cyrus SASL about where plugins are, by the
 * table of callbacks that it gives to sasl_server_init() or sasl_client_init().
 */
struct derive;
struct module;

/* Each means that the ones before it may be, too. */
enum sasl_choice {
	SASL_NOTHING,	    /* no table, or none of these in it */
	SASL_CONFIGURATION, /* which file, or what would be in it */
	SASL_DIRECTORY,	    /* or that cannot be told */
};

/* What the callers of that libsasl2 choose. */
enum sasl_choice sasl_find(struct derive *derive, const struct module *sasl);

#endif
