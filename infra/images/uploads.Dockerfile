# SFTP and FTP servers before the files service: Debian's own, with the settings of infra/uploads.
FROM debian:12-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends openssh-server openssh-sftp-server vsftpd openssl netcat-openbsd \
  && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_*
RUN mkdir /keys /etc/songma
COPY infra/uploads/sshd_config infra/uploads/vsftpd.conf /etc/songma/
COPY infra/uploads/vsftpd-songma.pam /etc/pam.d/vsftpd-songma
COPY infra/uploads/start.sh /usr/local/bin/start.sh
ENTRYPOINT ["/usr/local/bin/start.sh"]
