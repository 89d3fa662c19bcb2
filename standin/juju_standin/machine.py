"""Commands that would change the machine on which a test runs.

When a charm runs one of them, nothing happens, and the command succeeds. The hook's log
contains the command.
"""
COMMANDS = frozenset((
    'add-apt-repository', 'addgroup', 'adduser', 'apt', 'apt-get', 'apt-key',
    'groupadd', 'hostnamectl', 'iptables', 'modprobe', 'mount', 'reboot', 'service',
    'snap', 'sysctl', 'timedatectl', 'ufw', 'umount', 'update-ca-certificates',
    'update-rc.d', 'useradd', 'usermod'))

# in a process, the command is this script
SCRIPT = '#!/bin/sh\njuju-log -l DEBUG -- "not run: ${0##*/} $*"\n'
