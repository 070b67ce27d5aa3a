"""The SSH connection beneath SFTP: connecting, host keys, login."""
