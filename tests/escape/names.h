/* names: errno and signals as the kernel calls them. */
#ifndef ESCAPE_NAMES_H
#define ESCAPE_NAMES_H

/* The name of errno num or of signal sig; "other" if it is in no table. */
const char *names_errno(int num);
const char *names_signal(int sig);

#endif
