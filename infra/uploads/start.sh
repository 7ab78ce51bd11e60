#!/bin/sh
# start.sh sftp|ftp: makes a user and a folder for each station of the users' file, then runs the server.
# A line of that file is a station's name and the hash of its password, as `openssl passwd -6` prints it.
set -eu
server=$1
users=${UPLOAD_USERS:-/run/secrets/upload-users}
inbox=/srv/inbox
# The group that the files service runs as, in its image.
service_group=1000

install -d -o root -g root -m 755 "$inbox" 2>/dev/null || chmod 755 "$inbox"
while IFS=: read -r station hash || [ -n "$station" ]; do
  case $station in '' | '#'*) continue ;; esac
  case $station in *[!a-z0-9._-]* | [!a-z]*)
    echo "$users: \"$station\" is no user's name: a-z, 0-9, . _ -, beginning with a letter" >&2
    exit 78
    ;;
  esac
  id "$station" >/dev/null 2>&1 ||
    useradd --user-group --no-create-home --home-dir "$inbox/$station" --shell /usr/sbin/nologin "$station"
  printf '%s:%s\n' "$station" "$hash" | chpasswd --encrypted
  install -d -o "$station" -g "$service_group" -m 2770 "$inbox/$station"
done <"$users"

case $server in
sftp)
  [ -f /keys/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /keys/ssh_host_ed25519_key
  mkdir -p /run/sshd
  exec /usr/sbin/sshd -D -e -f /etc/songma/sshd_config
  ;;
ftp)
  mkdir -p /var/run/vsftpd/empty
  set -- -opasv_address="${UPLOAD_ADDRESS:-127.0.0.1}"
  [ ! -f /keys/ftp.pem ] || set -- "$@" -ossl_enable=YES -orsa_cert_file=/keys/ftp.pem -oforce_local_data_ssl=YES \
    -oforce_local_logins_ssl=YES -orequire_ssl_reuse=NO -ossl_sslv2=NO -ossl_sslv3=NO
  exec /usr/sbin/vsftpd /etc/songma/vsftpd.conf "$@"
  ;;
*)
  echo "start.sh sftp|ftp" >&2
  exit 78
  ;;
esac
