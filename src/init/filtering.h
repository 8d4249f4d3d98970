#ifndef INIT_FILTERING_H
#define INIT_FILTERING_H

/*
 * filtering: the child's last two steps before the program: the cookie of the
 * gate, and the filter, whose refusals may come to pith-init. Each returns 0,
 * or -1 with errno set.
 */
struct steps_child;

int filtering_draw_cookie(struct steps_child *child);
int filtering_install(struct steps_child *child);

#endif
