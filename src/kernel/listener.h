#ifndef KERNEL_LISTENER_H
#define KERNEL_LISTENER_H

/*
 * listener: the descriptor by which a filter's SECCOMP_RET_USER_NOTIF is
 * answered (seccomp_unotify(2)). Whoever made the call sleeps until then.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The kernel's struct seccomp_notif. */
struct listener_call {
	uint64_t id;
	uint32_t pid; /* as the reader sees it */
	uint32_t flags;
	union {
		struct {
			int32_t nr;
			uint32_t audit;
			uint64_t ip;
			uint64_t args[6];
		};
		uint32_t words[16]; /* the same, as a filter sees it */
	};
};

/*
 * The next call; blocks where poll(2) has not said that there is one. Returns
 * 0, or -1 with errno set: ENOENT when the caller has gone meanwhile.
 */
int listener_receive(int fd, struct listener_call *call);

/* Whether the caller still waits: what its pid means is its own until then. */
bool listener_is_valid(int fd, const struct listener_call *call);

/*
 * Let the call fail with that errno; 0: let it be made, as if no filter had
 * asked (Linux 5.5; before, it fails with EPERM). For who merely watches: what
 * pointers point to can have changed since somebody looked.
 */
void listener_answer(int fd, const struct listener_call *call, int error);

/*
 * Copy what lies at an address of another process, up to cap bytes, some of
 * which may be missing. Returns their number, or -1 (ptrace(2) says who may).
 */
ssize_t listener_peek(char *out, size_t cap, pid_t pid, uint64_t address);

#endif
