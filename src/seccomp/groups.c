#include "seccomp/groups.h"

static const char default_rules[] =
	"mmap: prot & PROT_WRITE|PROT_EXEC != PROT_WRITE|PROT_EXEC\n"
	"mmap2: prot & PROT_WRITE|PROT_EXEC != PROT_WRITE|PROT_EXEC\n"
	"mprotect: prot & PROT_EXEC == 0\n"
	"shmat: shmflg & SHM_EXEC == 0\n"
	"socket: domain == AF_UNIX\n"
	"socket: domain in AF_INET AF_INET6 "
	"and type & 0xf in SOCK_STREAM SOCK_DGRAM\n"
	"socket: domain == AF_NETLINK and protocol == 0\n"
	"socketpair: domain == AF_UNIX\n";

const struct group groups[] = {
	{ "@aio", "asynchronous I/O, io_uring included",
	  "io_cancel io_destroy io_getevents io_pgetevents "
	  "io_pgetevents_time64 io_setup io_submit io_uring_enter "
	  "io_uring_register io_uring_setup",
	  NULL },
	{ "@base", "what every libc and runtime calls; no execve",
	  "arch_prctl brk cacheflush clock_getres clock_getres_time64 "
	  "clock_gettime clock_gettime64 clock_nanosleep "
	  "clock_nanosleep_time64 exit exit_group futex futex_time64 "
	  "futex_waitv get_robust_list getegid getegid32 geteuid geteuid32 "
	  "getgid getgid32 getgroups getgroups32 getpgid getpgrp getpid "
	  "getppid getrandom getresgid getresgid32 getresuid getresuid32 "
	  "getrlimit getsid gettid gettimeofday getuid getuid32 membarrier "
	  "mmap mmap2 mprotect munmap nanosleep pause prlimit64 "
	  "restart_syscall riscv_flush_icache riscv_hwprobe rseq rt_sigreturn "
	  "sched_getaffinity sched_yield set_robust_list set_tid_address "
	  "set_tls sigreturn time ugetrlimit uretprobe",
	  NULL },
	{ "@basic-io", "read, write and seek on open files",
	  "_llseek close close_range dup dup2 dup3 lseek pread64 preadv "
	  "preadv2 pwrite64 pwritev pwritev2 read readv write writev",
	  NULL },
	{ "@chown", "change the owner of files",
	  "chown chown32 fchown fchown32 fchownat lchown lchown32", NULL },
	{ "@clock", "set the system's clocks",
	  "adjtimex clock_adjtime clock_adjtime64 clock_settime "
	  "clock_settime64 settimeofday",
	  NULL },
	{ "@cpu-emulation", "calls that emulators of old CPUs need",
	  "modify_ldt", NULL },
	{ "@debug", "trace, measure and look into processes",
	  "lookup_dcookie perf_event_open pidfd_getfd ptrace", NULL },
	/*
	 * Ordinary network services on musl, glibc, Go or Rust. Left out on
	 * purpose: exec; memfd_create (no service needs it to run, and with
	 * AllowExec= it is the file of a fileless exec); waitid, mknod and
	 * the setuid family (init has dropped the identity already); pidfds,
	 * message queues and semaphores, setting extended attributes; and
	 * all that @debug, @keyring, @mount, @pkey, @privileged and @sandbox
	 * hold. What its rules leave: no memory that is both written and run,
	 * sockets of the internet and of this machine, and of netlink the
	 * protocol by which libc lists addresses (NETLINK_ROUTE, 0).
	 */
	{ "@default", "what pith uses without a recipe; not systemd's",
	  "@base @basic-io @io-event @network-io @signal @sync @timer access "
	  "arm_fadvise64_64 capget chdir chmod clone copy_file_range creat "
	  "faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat "
	  "fchmodat2 fcntl fcntl64 fgetxattr flistxattr flock fork fstat "
	  "fstat64 fstatat64 fstatfs fstatfs64 ftruncate ftruncate64 "
	  "futimesat getcpu getcwd getdents getdents64 getpriority getrusage "
	  "getxattr inotify_add_watch inotify_init inotify_init1 "
	  "inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents "
	  "io_pgetevents_time64 io_setup io_submit ioctl kill lgetxattr link "
	  "linkat listxattr llistxattr lstat lstat64 madvise map_shadow_stack "
	  "mkdir mkdirat mlock mlock2 mlockall mremap mseal munlock "
	  "munlockall newfstatat open openat openat2 pipe pipe2 prctl "
	  "readahead readlink readlinkat rename renameat renameat2 rmdir "
	  "sched_get_priority_max sched_get_priority_min sched_getparam "
	  "sched_getscheduler sched_rr_get_interval "
	  "sched_rr_get_interval_time64 sched_setaffinity sched_setparam "
	  "sched_setscheduler sendfile sendfile64 setpgid setpriority "
	  "setrlimit setsid shmat shmctl shmdt shmget splice stat stat64 "
	  "statfs statfs64 statx symlink symlinkat sysinfo tgkill times tkill "
	  "truncate truncate64 umask uname unlink unlinkat utime utimensat "
	  "utimensat_time64 utimes vfork wait4 ~mmap ~mmap2 ~mprotect ~shmat ~socket ~socketpair",
	  default_rules },
	{ "@file-system", "open, create, rename, remove and describe files",
	  "access chdir chmod close creat faccessat faccessat2 fallocate "
	  "fchdir fchmod fchmodat fchmodat2 fcntl fcntl64 fgetxattr "
	  "flistxattr fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs "
	  "fstatfs64 ftruncate ftruncate64 futimesat getcwd getdents "
	  "getdents64 getxattr inotify_add_watch inotify_init inotify_init1 "
	  "inotify_rm_watch lgetxattr link linkat listxattr llistxattr "
	  "lremovexattr lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat "
	  "newfstatat open openat openat2 readlink readlinkat removexattr "
	  "rename renameat renameat2 rmdir setxattr stat stat64 statfs "
	  "statfs64 statx symlink symlinkat truncate truncate64 unlink "
	  "unlinkat utime utimensat utimensat_time64 utimes",
	  NULL },
	{ "@io-event", "wait for events: poll, select, epoll, eventfd",
	  "_newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old "
	  "epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd "
	  "eventfd2 poll ppoll ppoll_time64 pselect6 pselect6_time64 select",
	  NULL },
	{ "@ipc", "pipes, SysV IPC, message queues, memory of other processes",
	  "memfd_create mq_getsetattr mq_notify mq_open mq_timedreceive "
	  "mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink "
	  "msgctl msgget msgrcv msgsnd pipe pipe2 process_madvise "
	  "process_vm_readv process_vm_writev semctl semget semop semtimedop "
	  "semtimedop_time64 shmat shmctl shmdt shmget",
	  NULL },
	{ "@keyring", "the kernel's key store", "add_key keyctl request_key",
	  NULL },
	{ "@memlock", "lock memory into RAM",
	  "mlock mlock2 mlockall munlock munlockall", NULL },
	{ "@module", "load and unload kernel modules",
	  "delete_module finit_module init_module", NULL },
	{ "@mount", "mount and unmount file systems, change the root",
	  "chroot fsconfig fsmount fsopen fspick mount mount_setattr "
	  "move_mount open_tree pivot_root umount2",
	  NULL },
	{ "@network-io", "sockets",
	  "accept accept4 bind connect getpeername getsockname getsockopt "
	  "listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg send "
	  "sendmmsg sendmsg sendto setsockopt shutdown socket socketpair",
	  NULL },
	{ "@obsolete", "calls that no current kernel or program uses",
	  "_sysctl afs_syscall bdflush create_module get_kernel_syms getpmsg "
	  "putpmsg query_module security sysfs tuxcall uselib ustat vserver",
	  NULL },
	{ "@pkey", "memory protection keys",
	  "pkey_alloc pkey_free pkey_mprotect", NULL },
	{ "@privileged", "what needs a capability",
	  "@chown @clock @module @raw-io @reboot @swap _sysctl acct bpf "
	  "capset chroot fanotify_init fanotify_mark nfsservctl "
	  "open_by_handle_at pivot_root quotactl quotactl_fd setdomainname "
	  "setfsuid setfsuid32 setgroups setgroups32 sethostname setresuid "
	  "setresuid32 setreuid setreuid32 setuid setuid32 vhangup",
	  NULL },
	{ "@process", "create, signal and wait for processes; namespaces",
	  "capget clone clone3 fork getrusage kill pidfd_open "
	  "pidfd_send_signal prctl rt_sigqueueinfo rt_tgsigqueueinfo setns "
	  "tgkill times tkill unshare vfork wait4 waitid",
	  NULL },
	{ "@raw-io", "I/O ports",
	  "ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write", NULL },
	{ "@reboot", "reboot and kexec", "kexec_file_load kexec_load reboot",
	  NULL },
	{ "@resources", "scheduling, priorities, NUMA and limits",
	  "ioprio_set mbind migrate_pages move_pages nice sched_setaffinity "
	  "sched_setattr sched_setparam sched_setscheduler set_mempolicy "
	  "set_mempolicy_home_node setpriority setrlimit",
	  NULL },
	{ "@sandbox", "restrict oneself: Landlock and further seccomp filters",
	  "landlock_add_rule landlock_create_ruleset landlock_restrict_self "
	  "seccomp",
	  NULL },
	{ "@setuid", "change user and group identity",
	  "setgid setgid32 setgroups setgroups32 setregid setregid32 "
	  "setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 "
	  "setuid setuid32",
	  NULL },
	{ "@signal", "signal handling",
	  "rt_sigaction rt_sigpending rt_sigprocmask rt_sigsuspend "
	  "rt_sigtimedwait rt_sigtimedwait_time64 sigaction sigaltstack "
	  "signalfd signalfd4 sigpending sigprocmask sigsuspend",
	  NULL },
	{ "@swap", "swap devices", "swapoff swapon", NULL },
	{ "@sync", "write files and memory back to storage",
	  "arm_sync_file_range fdatasync fsync msync sync sync_file_range "
	  "sync_file_range2 syncfs",
	  NULL },
	{ "@system-service", "everything a usual system service may call",
	  "@aio @base @basic-io @chown @file-system @io-event @ipc @keyring "
	  "@memlock @network-io @process @resources @setuid @signal @sync "
	  "@timer arm_fadvise64_64 capget capset copy_file_range fadvise64 "
	  "flock get_mempolicy get_thread_area getcpu getpriority ioctl "
	  "ioprio_get kcmp madvise mremap name_to_handle_at personality "
	  "readahead remap_file_pages sched_get_priority_max "
	  "sched_get_priority_min sched_getattr sched_getparam "
	  "sched_getscheduler sched_rr_get_interval "
	  "sched_rr_get_interval_time64 sched_yield sendfile sendfile64 "
	  "set_thread_area setfsgid setfsgid32 setfsuid setfsuid32 setpgid "
	  "setsid splice sysinfo tee umask uname userfaultfd vmsplice",
	  NULL },
	{ "@timer", "timers and alarms",
	  "alarm getitimer setitimer timer_create timer_delete "
	  "timer_getoverrun timer_gettime timer_gettime64 timer_settime "
	  "timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 "
	  "timerfd_settime timerfd_settime64 times",
	  NULL },
};

const size_t groups_count = sizeof(groups) / sizeof(groups[0]);

const struct group *group_find(struct slice name)
{
	for (size_t i = 0; i < groups_count; i++)
		if (slice_eq(name, groups[i].name))
			return &groups[i];
	return NULL;
}
