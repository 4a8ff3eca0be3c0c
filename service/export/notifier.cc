#include "service/export/notifier.h"

namespace logexport {

Notifier::Receiver ReceiverOf(const NotificationSettings& settings, NotificationChannel channel) {
  if (channel == NotificationChannel::kWebhook) {
    return {settings.webhook.url, settings.webhook.secret};
  }
  return {settings.slack.webhook, ""};
}

}  // namespace logexport
