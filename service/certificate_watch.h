#ifndef LOGEXPORT_SERVICE_CERTIFICATE_WATCH_H_
#define LOGEXPORT_SERVICE_CERTIFICATE_WATCH_H_

#include <utility>

#include "absl/time/time.h"

#include "service/access/tls_files.h"
#include "service/base/clock.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {

// Tells when the certificates of the service expire: the metrics always, the log once a day from
// two weeks before. Whoever replaces the files in time needs no restart. One thread.
class CertificateWatch {
 public:
  static constexpr absl::Duration kTellBefore = absl::Hours(14 * 24);

  // `files` with empty paths: there is nothing to watch. The references must outlive it.
  CertificateWatch(TlsFiles files, bool used, Clock& clock, ServiceMetrics& metrics)
      : files_(std::move(files)), used_(used), clock_(clock), metrics_(metrics) {}

  // To be called often.
  void Tick();

 private:
  void Warn(const char* purpose, absl::Time expires);

  TlsFiles files_;
  const bool used_;
  Clock& clock_;
  ServiceMetrics& metrics_;
  absl::Time server_ = absl::InfiniteFuture();
  absl::Time client_ca_ = absl::InfiniteFuture();
  absl::Duration warn_again_ = -absl::InfiniteDuration();
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CERTIFICATE_WATCH_H_
