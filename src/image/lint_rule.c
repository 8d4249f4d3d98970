/* The rules of lint.h, one a row. */
#include "base/err.h"
#include "base/slice.h"
#include "image/lint_work.h"

const struct lint_rule lint_rules[] = {
	[LINT_ARCHIVE] = { "archive", LINT_ERROR,
			   "the archive is not what it says it is",
			   "What pith verify finds: a digest, size, document or tar end "
			   "is wrong. Engines differ in what they check, so one loads "
			   "it and the next does not. Build the image again, or fetch "
			   "it again." },
	[LINT_ZSTD_LAYER] = { "zstd-layer", LINT_WARNING,
			      "a layer is compressed with zstd",
			      "docker before 23 cannot load it (\"invalid tar header\"); "
			      "podman, skopeo and containerd can. Compress with gzip "
			      "where that matters." },
	[LINT_OCI_ONLY] = { "oci-only", LINT_WARNING,
			    "there is no manifest.json",
			    "docker load before 25 takes docker-archives only. pith "
			    "build writes files that are both; skopeo copy oci-archive:X "
			    "docker-archive:Y converts." },
	[LINT_DUPLICATE_PATH] = { "duplicate-path", LINT_ERROR,
				  "a path is twice in one layer",
				  "Engines take the first or the last, or refuse the layer. "
				  "Build the layer without it." },
	[LINT_HARDLINK_ORDER] = { "hardlink-order", LINT_ERROR,
				  "a hard link comes before its target, or has none",
				  "A layer is unpacked from its begin to its end: there is "
				  "nothing to link to yet. Put the target first." },
	[LINT_WHITEOUT_OWN] = { "whiteout-own", LINT_ERROR,
				"a layer deletes a path that it also has",
				"A whiteout concerns lower layers (OCI layer.md), but "
				"engines that read it in order delete what they have just "
				"unpacked." },
	[LINT_BELOW_LINK] = { "below-link", LINT_ERROR,
			      "an entry is below what is no directory",
			      "Its parent is a symbolic link or a file in this image: "
			      "engines refuse it, follow the link or put a directory in "
			      "its place." },
	[LINT_ODD_NAME] = { "odd-name", LINT_ERROR,
			    "a path that engines do not unpack alike",
			    "Not UTF-8, a control character, a '..' part, or longer than "
			    "255 bytes a part: some engines refuse it, some change it." },
	[LINT_DEVICE_NODE] = { "device-node", LINT_WARNING,
			       "a device, socket or pipe is in a layer",
			       "Rootless engines cannot make it, and pith run refuses it. "
			       "Engines supply /dev themselves." },
	[LINT_MANY_LAYERS] = { "many-layers", LINT_WARNING,
			       "more than 20 layers",
			       "Each is a mount that every lookup goes through, and "
			       "overlayfs ends at 127. Build in stages and copy the result "
			       "once." },
	[LINT_BIG_IMAGE] = { "big-image", LINT_NOTE, "more than 25 MB of files",
			     "A service and what it needs fit into less as a rule. pith "
			     "inspect shows the layers, duplicate-files and hidden-files "
			     "what is there for nothing." },
	[LINT_HIDDEN_FILES] = { "hidden-files", LINT_NOTE,
				"files that upper layers replaced or deleted",
				"They travel with the image and anybody can read them. "
				"Delete in the step that creates, or build in stages." },
	[LINT_DUPLICATE_FILES] = { "duplicate-files", LINT_NOTE,
				   "equal contents under several names",
				   "Hard or symbolic links would store them once." },
	[LINT_SETUID] = { "setuid", LINT_WARNING, "a setuid program",
			  "Whoever gets to run it becomes its owner. With no_new_privs "
			  "it has no effect, and without it is a way to root. chmod "
			  "u-s, or leave it out." },
	[LINT_SETGID] = { "setgid", LINT_WARNING, "a setgid program",
			  "As setuid, for its group. chmod g-s, or leave it out." },
	[LINT_FILE_CAPABILITY] = { "file-capability", LINT_WARNING,
				   "a program with file capabilities",
				   "security.capability gives whoever runs it rights, and the "
				   "kernel refuses to start it where the engine's bounding set "
				   "lacks them. setcap -r, or leave it out." },
	[LINT_WORLD_WRITABLE] = { "world-writable", LINT_WARNING,
				  "anybody may write",
				  "A regular file, or a directory without the sticky bit: "
				  "another user of the container, or a service that was taken "
				  "over, can plant what the next one runs. chmod o-w." },
	[LINT_WRITABLE_PROGRAM] = { "writable-program", LINT_WARNING,
				    "the user of the service may change its program",
				    "The program or a directory that leads to it belongs to the "
				    "user that runs it, or is writable to that: what breaks in "
				    "can stay. Let root own both, and mode 0755." },
	[LINT_ROOT_USER] = { "root-user", LINT_WARNING, "it runs as root",
			     "No User, or 0. Set USER 65532:65532; pith-init drops to "
			     "User= of service.conf, which then counts." },
	[LINT_USER_NAME] = { "user-name", LINT_WARNING,
			     "the user is not a number",
			     "Kubernetes' runAsNonRoot cannot judge a name and refuses to "
			     "start it. Write the numbers, USER UID:GID." },
	[LINT_USER_UNKNOWN] = { "user-unknown", LINT_NOTE,
				"the user is not in /etc/passwd",
				"Programs that look their own name or home up (psql, ssh, "
				"Go's os/user) fail. Add a line, or make sure that nothing "
				"asks." },
	[LINT_OWNER_UNKNOWN] = { "owner-unknown", LINT_NOTE,
				 "files of users that /etc/passwd does not know",
				 "Usually the uid of whoever built the image. chown, or COPY "
				 "--chown." },
	[LINT_NO_PROGRAM] = { "no-program", LINT_ERROR, "nothing to start",
			      "Neither Entrypoint nor Cmd. Set ENTRYPOINT [\"/program\"]." },
	[LINT_PROGRAM_MISSING] = { "program-missing", LINT_ERROR,
				   "the program is not in the image",
				   "No file by that path, or by that name in PATH." },
	[LINT_PROGRAM_MODE] = { "program-mode", LINT_ERROR,
				"the program is not executable",
				"Its mode does not let the image's user execute it. chmod "
				"0755." },
	[LINT_PROGRAM_ARCH] = { "program-arch", LINT_ERROR,
				"the program is for another machine",
				"The image says one architecture and the ELF header another. "
				"Build for the platform that the config names." },
	[LINT_SHELL_ENTRYPOINT] = { "shell-entrypoint", LINT_WARNING,
				    "a shell starts the program",
				    "ENTRYPOINT in shell form makes /bin/sh PID 1: it passes no "
				    "signal on, so stopping takes the engine's whole timeout, "
				    "and the image needs a shell. Write ENTRYPOINT "
				    "[\"/program\", \"argument\"]." },
	[LINT_SCRIPT_PROGRAM] = { "script-program", LINT_NOTE,
				  "the program is a script",
				  "Its interpreter has to be in the image, and what it starts "
				  "needs exec: pith's gate cannot be used. Start the program "
				  "itself." },
	[LINT_NO_INIT] = { "no-init", LINT_NOTE, "the program is PID 1 itself",
			   "It gets no default signal actions and has to reap what it "
			   "inherits. pith seal puts pith-init before it." },
	[LINT_NO_FILTER] = { "no-filter", LINT_NOTE,
			     "no seccomp filter of its own",
			     "The engine's default profile of about 300 calls is all. "
			     "pith build and pith seal put one in." },
	[LINT_ALLOW_EXEC] = { "allow-exec", LINT_WARNING,
			      "the program may start others",
			      "AllowExec=yes: the filter has no gate, so a shell or what "
			      "an attacker uploads can be run. Leave it out where the "
			      "service starts nothing." },
	[LINT_ANY_PROGRAM] = { "any-program", LINT_WARNING,
			       "the filter is used for any program",
			       "AnyProgram=yes: an argument that replaces the program keeps "
			       "its filter, which was made for another one." },
	[LINT_PITH_BROKEN] = { "pith-broken", LINT_ERROR,
			       "pith's own files cannot be read",
			       "A key that is not known, or a filter that is "
			       "damaged: pith-init ends with 125. Build or "
			       "seal the image again." },
	[LINT_FILTER_PROGRAM] = { "filter-program", LINT_ERROR,
				  "the filter was made for another program",
				  "Path, size or first bytes differ, so pith-init ends with "
				  "125. Build the image again, from the program that is in it." },
	[LINT_TRACED_UNKNOWN] = { "traced-unknown", LINT_ERROR,
				  "calls were traced that its code is not known to make",
				  "pith build stops for them: Trace= saw them, SystemCallFilter=auto "
				  "does not know them and no other word allows them. Where the trace "
				  "is of this program and no other, name them beside auto." },
	[LINT_TRACED_REFUSED] = { "traced-refused", LINT_WARNING,
				  "traced, and refused",
				  "A run was seen to make these calls, and the filter does not let "
				  "them through. Name them in SystemCallFilter=, or trace again if "
				  "the program has changed." },
	[LINT_STOP_TIMEOUT] = { "stop-timeout", LINT_WARNING,
				"docker kills it before it has stopped",
				"TimeoutStopSec= and ForwardDelaySec= together reach "
				"docker's and podman's 10 seconds, after which SIGKILL "
				"comes. Make them shorter, or stop with -t." },
	[LINT_STOP_TIMEOUT_KUBERNETES] = { "stop-timeout-kubernetes",
					   LINT_WARNING,
					   "Kubernetes kills it before it has stopped",
					   "They reach terminationGracePeriodSeconds' default of 30 "
					   "seconds. Make them shorter, or that longer." },
	[LINT_STOP_SIGNAL] = { "stop-signal", LINT_WARNING,
			       "it is stopped by a signal that cannot be caught",
			       "StopSignal is SIGKILL or SIGSTOP: nothing is finished or "
			       "written. Use SIGTERM." },
	[LINT_SHELL_HEALTH] = { "shell-health", LINT_WARNING,
				"the health check runs a shell",
				"CMD-SHELL starts a shell each time, outside of the sandbox. "
				"With pith-init: [\"CMD\", \"/init\", \"--probe\", URL]." },
	[LINT_HEALTH_MISSING] = { "health-missing", LINT_ERROR,
				  "the health check's program is not in the image",
				  "So it is unhealthy for ever. With pith-init: [\"CMD\", "
				  "\"/init\", \"--probe\", URL]." },
	[LINT_SHELL_PRESENT] = { "shell-present", LINT_NOTE,
				 "a shell is in the image",
				 "What breaks into a service looks for one first. A service "
				 "rarely needs it." },
	[LINT_PACKAGE_MANAGER] = { "package-manager", LINT_NOTE,
				   "a package manager is in the image",
				   "It can fetch what the image lacks, as root. Build in stages "
				   "and copy what is needed." },
	[LINT_PACKAGE_CACHE] = { "package-cache", LINT_WARNING,
				 "leftovers of a package manager",
				 "Lists and downloaded packages, which the next update "
				 "replaces anyway. Delete them in the step that makes them." },
	[LINT_CA_MISSING] = { "ca-missing", LINT_WARNING,
			      "no CA certificates, and the program looks for them",
			      "The program holds the path where they would be, as Go's "
			      "crypto/x509 and OpenSSL do: TLS to others will fail. "
			      "Base=static has them; or copy "
			      "/etc/ssl/certs/ca-certificates.crt." },
	[LINT_TZDATA_MISSING] = { "tzdata-missing", LINT_NOTE,
				  "no time zones, and the program looks for them",
				  "The program holds the path /usr/share/zoneinfo: only UTC "
				  "will work. Base=static has them." },
	[LINT_BUILD_PATH] = { "build-path", LINT_NOTE,
			      "a program tells where it was built",
			      "Paths of whoever built it, which also make two builds "
			      "differ: -ffile-prefix-map for C, -trimpath for Go, "
			      "--remap-path-prefix for Rust." },
	[LINT_LIBRARY_MISSING] = { "library-missing", LINT_ERROR,
				   "a library is not in the image",
				   "The dynamic loader will not start the program. Copy the "
				   "library, or link with -static." },
	[LINT_LOADER_MISSING] = { "loader-missing", LINT_ERROR,
				  "the dynamic loader is not in the image",
				  "The kernel answers \"no such file\" for the program. Copy "
				  "it, or link with -static." },
	[LINT_UNOWNED_PROGRAM] = { "unowned-program", LINT_NOTE,
				   "a program that no package owns",
				   "dpkg's database is in the image, so scanners judge by it, "
				   "and they do not see this file." },
	[LINT_NO_TMP] = { "no-tmp", LINT_NOTE, "there is no /tmp",
			  "Many programs and libraries want it. Make it, mode 01777." },
	[LINT_TMP_MODE] = { "tmp-mode", LINT_WARNING,
			    "/tmp is not for everybody",
			    "Its mode is not 01777: a service that is not root cannot "
			    "use it, or anybody can remove what others have there." },
	[LINT_DANGLING_LINK] = { "dangling-link", LINT_NOTE,
				 "a symbolic link leads nowhere",
				 "What it names is not in the image, and no engine mounts "
				 "anything there." },
	[LINT_LINK_ESCAPES] = { "link-escapes", LINT_WARNING,
				"a symbolic link leads out of the root",
				"More '..' than it has directories above: harmless in a "
				"container, and a trap for what unpacks the image elsewhere." },
	[LINT_SECRET_KEY] = { "secret-key", LINT_ERROR, "a private key",
			      "The file holds PEM text that says so. Whoever has the image "
			      "has the key, also when an upper layer deletes it: take it "
			      "as burnt, and mount secrets at run time (Secret=, "
			      "SecretFD=)." },
	[LINT_SECRET_FILE] = { "secret-file", LINT_WARNING,
			       "a file that holds secrets as a rule",
			       "By its name: .env, .git, ssh and cloud credentials. Leave "
			       "it out (.dockerignore); in a lower layer it is still there "
			       "for anybody." },
	[LINT_SECRET_ENV] = { "secret-env", LINT_WARNING,
			      "a secret in the environment",
			      "By its name. The config is readable to whoever has the "
			      "image. Give it at run time." },
	[LINT_LOW_PORT] = { "low-port", LINT_NOTE,
			    "a port below 1024, and not root",
			    "docker lets everybody bind there, Kubernetes and podman as "
			    "a rule do not. Use a port above 1023." },
	[LINT_CREATED_TIME] = { "created-time", LINT_NOTE,
				"times of the build are in the config",
				"created differs in each build, so the image's digest does, "
				"too. SOURCE_DATE_EPOCH, or pith build, which has one time." },
	[LINT_FILE_TIMES] = { "file-times", LINT_NOTE, "files of many times",
			      "Times of the build are in the layers, so two builds never "
			      "have equal digests. SOURCE_DATE_EPOCH and "
			      "rewrite-timestamp, or pith build." },
	[LINT_WORKDIR_MISSING] = { "workdir-missing", LINT_NOTE,
				   "the working directory is not in the image",
				   "Engines make it, but not on a read-only root, and then "
				   "nothing starts." },
};

const size_t lint_rule_count = LINT_RULES;

_Static_assert(sizeof(lint_rules) / sizeof(lint_rules[0]) == LINT_RULES,
	       "a row for each");

const struct lint_rule *lint_rule_find(const char *id, struct err *err)
{
	const char *names[LINT_RULES];

	for (size_t i = 0; i < LINT_RULES; i++) {
		if (strcmp(lint_rules[i].id, id) == 0)
			return &lint_rules[i];
		names[i] = lint_rules[i].id;
	}
	int near = slice_nearest(slice_from(id), names, LINT_RULES);

	if (near < 0)
		err_set(err, 0, "%s: no such rule", id);
	else
		err_set(err, 0, "%s: no such rule; did you mean %s?", id,
			names[near]);
	return NULL;
}
