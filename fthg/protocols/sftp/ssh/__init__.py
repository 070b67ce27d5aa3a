"""The SSH connection beneath SFTP: how it is reached, secured and logged in."""
