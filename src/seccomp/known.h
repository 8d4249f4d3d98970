#ifndef SECCOMP_KNOWN_H
#define SECCOMP_KNOWN_H

/*
 * known: libraries that open others whose names are not in their code, and
 * where those are looked for. From the libraries' sources, as one const table.
 */
#include <stddef.h>

enum known_kind {
	KNOWN_NAMES,	 /* the names that the entry lists */
	KNOWN_DIRECTORY, /* whatever lies in the directory that text names */
	KNOWN_OPENSSL,	 /* the same, if openssl.cnf does not lead elsewhere */
	KNOWN_NSS,	 /* libnss_X.so.2 for each X of nsswitch.conf */
	KNOWN_GCONV,	 /* the directory of gconv-modules.cache */
	KNOWN_PAM,	 /* the directory, and what PAM's configuration names */
	/*
	 * The directories, with colons between, in the one path that functions
	 * take beside the text; and what *.conf of such directories lists.
	 */
	KNOWN_SASL,
	KNOWN_SASL_LIST,
	/*
	 * What lies where the loader looks and is called as the names say, in
	 * which * is made at run time. For the calls alone that lie in the
	 * function that takes the text.
	 */
	KNOWN_PATTERN,
	KNOWN_P11,    /* what *.module of the directory that text names say */
	KNOWN_GNUTLS, /* what the file that text names has p11-kit open */
	/*
	 * What that file names comes before all libraries that are needed, and
	 * may take the place of any of their functions: nobody can go on.
	 */
	KNOWN_PRELOAD,
};

struct known {
	const char *module; /* what its soname begins with */
	/*
	 * What the code that opens them takes the address of: a text that ends
	 * so. A library in whose file there is none opens nothing this way.
	 */
	const char *text;
	enum known_kind kind;
	const char *what;  /* for people */
	const char *names; /* separated by blanks */
	/*
	 * What the usual ones of them call, separated by blanks: counts as
	 * called as soon as one may be opened. See inert.h.
	 */
	const char *calls;
	/*
	 * Where that is not enough, since tables of libc lead there that hardly
	 * anybody uses: functions, one of which must be reached; or one of
	 * those in called from another library.
	 */
	const char *reached, *called;
	/* By these the program itself says what is opened; blanks between. */
	const char *choosers;
	/* But for this library, whose own configuration says it: its soname. */
	const char *chooser;
};

extern const struct known known_all[];
extern const size_t known_count;

/* What such a library looks up by names that it makes, or keeps in memory. */
struct known_lookup {
	const char *module; /* its soname */
	/*
	 * Tells the lookup from others of that library: the function that
	 * makes it takes the address of a text that ends so; or all that call
	 * this function do.
	 */
	const char *text;
	const char *names; /* separated by blanks; * is made at run time */
};

extern const struct known_lookup known_lookups[];
extern const size_t known_lookup_count;

#endif
