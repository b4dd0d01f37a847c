#!/bin/bash
# Dataproc initialization action: puts the libraries that all Flink jobs share into Flink's own folder, on the node from which
# YARN takes them. Ends with an error, so that no cluster is made, if Flink is missing or a library is not what it should be.
#
# In, as instance attributes:
#   dataproc-role    Master or Worker, set by Dataproc
#   flink-libraries  gs://<bucket>/<folder>/<SHA-256>/<name>.jar, separated by spaces, or "none"
set -euo pipefail

readonly FLINK_LIB="${FLINK_LIB:-/usr/lib/flink/lib}"
readonly ATTRIBUTES=http://metadata.google.internal/computeMetadata/v1/instance/attributes

fail() {
  echo "install-flink-libraries: $*" >&2
  exit 1
}

attribute() {
  curl --silent --fail --retry 5 --header 'Metadata-Flavor: Google' "${ATTRIBUTES}/$1" ||
    fail "the instance has no attribute $1"
}

install_library() {
  local -r address="$1"
  local -r name="${address##*/}"
  local -r folder="${address%/*}"
  local -r expected="${folder##*/}"
  local -r fetched="${FLINK_LIB}/.${name}.part"
  gcloud storage cp "${address}" "${fetched}" || fail "cannot read ${address}"
  local found
  found="$(sha256sum "${fetched}" | cut -d ' ' -f 1)"
  if [[ "${found}" != "${expected}" ]]; then
    rm -f "${fetched}"
    fail "${address} has SHA-256 ${found}"
  fi
  chmod 0644 "${fetched}"
  # In one step: Flink never sees half a library.
  mv "${fetched}" "${FLINK_LIB}/${name}"
}

role="$(attribute dataproc-role)"
# Workers get Flink and its libraries from YARN, with each job.
[[ "${role}" == Master ]] || exit 0
[[ -d "${FLINK_LIB}" ]] || fail "there is no ${FLINK_LIB}: FLINK must be among the cluster's optional components"
libraries="$(attribute flink-libraries)"
[[ "${libraries}" != none ]] || exit 0
for library in ${libraries}; do
  install_library "${library}"
done
