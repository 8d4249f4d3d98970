#ifndef SECCOMP_COMPILE_H
#define SECCOMP_COMPILE_H

/*
 * compile: from a policy to the file /etc/pith/service.bpf.
 *
 * prove.h checks the whole before anybody sees it; judge.h holds it against
 * libseccomp as well, which cannot say some of it (the cookie gate, numbers
 * that it does not know).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct harden;
struct policy;

/* The program a filter is made for; all zero: for none in particular. */
struct compile_program {
	const char *path;  /* absolute, in the image; NULL: none */
	uint64_t size;	   /* bytes */
	const void *ident; /* its first bytes */
	size_t ident_len;  /* at most FILTER_IDENT_SIZE are used */
};

struct compile_options {
	bool allow_exec; /* no gate; execve is allowed, execveat if named */
	/*
	 * The policy and nothing else: no gate, no guards, execve if named.
	 * For comparing, and for others than pith-init to install.
	 */
	bool is_plain;
	const struct harden *harden; /* further guards, or NULL */
	struct compile_program program;
};

/*
 * Compile and prove. Appends the whole file to *blob.
 * Fails when the policy names execve or execveat while the gate is on, when
 * the architecture cannot have the gate, when the filter would be too long,
 * and when the proof finds a difference (a bug of ours).
 */
int compile_filter(struct buf *blob, const struct policy *policy,
		   const struct compile_options *options, struct err *err);

/*
 * The policy with the guards as rules of it: what the filter does but for the
 * gate. policy_free() is owed.
 */
int compile_whole(struct policy *whole, const struct policy *policy,
		  const struct compile_options *options, struct err *err);

#endif
