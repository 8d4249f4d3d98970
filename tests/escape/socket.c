/* Families of sockets that a network service has no use for. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "escape.h"

/* As kernel headers have them; libcs know fewer. */
enum {
	FAMILY_X25 = 9,
	FAMILY_APPLETALK = 5,
	FAMILY_KEY = 15,
	FAMILY_PACKET = 17,
	FAMILY_RDS = 21,
	FAMILY_PPPOX = 24,
	FAMILY_CAN = 29,
	FAMILY_TIPC = 30,
	FAMILY_BLUETOOTH = 31,
	FAMILY_ALG = 38,
	FAMILY_VSOCK = 40,
	FAMILY_KCM = 41,
	FAMILY_QIPCRTR = 42,
	FAMILY_SMC = 43,
	FAMILY_XDP = 44,
	PROTOCOL_ALL = 0x0300, /* in the order of the network */
};

/* What every process may attach to a socket of its own: classic BPF. */
static long attach_filter(const struct attempt *a)
{
	struct sock_filter insn = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { 1, &insn };
	int fd = (int)need(socket(AF_INET, SOCK_DGRAM, 0), "socket");

	(void)a;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program));
}

#define SOCKET(family, type, protocol) \
	.nr = SYS_socket, .args = { family, type, protocol }
#define NETLINK(protocol) SOCKET(AF_NETLINK, SOCK_RAW, protocol)

static const struct attempt attempts[] = {
	{ .name = "netlink-route", NETLINK(NETLINK_ROUTE) },
	{ .name = "netlink-netfilter", NETLINK(NETLINK_NETFILTER) },
	{ .name = "netlink-generic", NETLINK(NETLINK_GENERIC) },
	{ .name = "netlink-xfrm", NETLINK(NETLINK_XFRM) },
	{ .name = "netlink-audit", NETLINK(NETLINK_AUDIT) },
	{ .name = "netlink-sock-diag", NETLINK(NETLINK_SOCK_DIAG) },
	{ .name = "netlink-uevent", NETLINK(NETLINK_KOBJECT_UEVENT) },
	{ .name = "socket-raw", SOCKET(AF_INET, SOCK_RAW, IPPROTO_ICMP) },
	{ .name = "socket-raw-ipv6",
	  SOCKET(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6) },
	{ .name = "socket-icmp", SOCKET(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) },
	{ .name = "packet-raw", SOCKET(FAMILY_PACKET, SOCK_RAW, PROTOCOL_ALL) },
	{ .name = "packet-dgram",
	  SOCKET(FAMILY_PACKET, SOCK_DGRAM, PROTOCOL_ALL) },
	{ .name = "alg", SOCKET(FAMILY_ALG, SOCK_SEQPACKET, 0) },
	{ .name = "vsock", SOCKET(FAMILY_VSOCK, SOCK_STREAM, 0) },
	{ .name = "xdp", SOCKET(FAMILY_XDP, SOCK_RAW, 0) },
	{ .name = "bluetooth", SOCKET(FAMILY_BLUETOOTH, SOCK_RAW, 1) },
	{ .name = "can", SOCKET(FAMILY_CAN, SOCK_RAW, 1) },
	{ .name = "key", SOCKET(FAMILY_KEY, SOCK_RAW, 2) },
	{ .name = "rds", SOCKET(FAMILY_RDS, SOCK_SEQPACKET, 0) },
	{ .name = "tipc", SOCKET(FAMILY_TIPC, SOCK_SEQPACKET, 0) },
	{ .name = "pppox", SOCKET(FAMILY_PPPOX, SOCK_STREAM, 0) },
	{ .name = "kcm", SOCKET(FAMILY_KCM, SOCK_DGRAM, 0) },
	{ .name = "qipcrtr", SOCKET(FAMILY_QIPCRTR, SOCK_DGRAM, 0) },
	{ .name = "smc", SOCKET(FAMILY_SMC, SOCK_STREAM, 0) },
	{ .name = "x25", SOCKET(FAMILY_X25, SOCK_SEQPACKET, 0) },
	{ .name = "appletalk", SOCKET(FAMILY_APPLETALK, SOCK_DGRAM, 0) },
	{ .name = "sctp", SOCKET(AF_INET, SOCK_STREAM, 132) },
	{ .name = "mptcp", SOCKET(AF_INET, SOCK_STREAM, 262) },
	{ .name = "attach-filter", .run = attach_filter },
};

const struct theme socket_theme = THEME("socket", attempts);
