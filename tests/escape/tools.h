/*
 * tools: what attempts share: the program itself as a file to be started again,
 * children, victims. What cannot be had ends the attempt, see need().
 */
#ifndef ESCAPE_TOOLS_H
#define ESCAPE_TOOLS_H

#include <sys/types.h>

/*
 * The arguments for this program to say, once it has been started again, that
 * the attempt reached its aim; and where it lies, and a copy of it.
 */
char **program_args(void);
const char *program_path(void);
const char *program_copy(void);

/* argv[0] of the program's setuid copy, which lies beside it as PROGRAM.suid. */
#define SETUID_NAME "suid"

/* A descriptor of the program: one inherited as 9, or opened. */
int program_fd(void);

/* Write the program into the file fd. Returns 0 or ends the process. */
long program_write(int fd);

/* Start the program anew from path, or from fd by /proc. -1 and errno. */
long program_exec(const char *path);
long program_exec_fd(int fd);

/* End as child did, so that its fate is the attempt's: what it told stays. */
long end_like(pid_t child);

/* A child that sleeps until killed, this process's to attack. */
pid_t victim_start(void);

/* Result of what was tried on victim, which ends. errno is kept. */
long victim_end(pid_t victim, long result);

/* A new file in /tmp, already without a name. Ends on failure. */
int scratch_file(void);

#endif
