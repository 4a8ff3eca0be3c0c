#include "tests/sandbox/auth0/log_templates.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace logexport::sandbox {
namespace {

// <name> is a slot or a fragment; line breaks and indentation are left out.
struct Source {
  const char* type;
  int weight;
  const char* text;
};

constexpr std::pair<absl::string_view, Slot> kSlots[] = {
    {"id", Slot::kId},
    {"date", Slot::kDate},
    {"ip", Slot::kIp},
    {"ua", Slot::kUserAgent},
    {"raw_ua", Slot::kRawUserAgent},
    {"client_id", Slot::kClientId},
    {"client_name", Slot::kClientName},
    {"user_id", Slot::kUserId},
    {"user_path", Slot::kUserIdInPath},
    {"user_name", Slot::kUserName},
    {"full_name", Slot::kFullName},
    {"connection", Slot::kConnection},
    {"connection_id", Slot::kConnectionId},
    {"strategy", Slot::kStrategy},
    {"strategy_type", Slot::kStrategyType},
    {"country", Slot::kCountry},
    {"hex", Slot::kHex},
    {"token", Slot::kToken},
    {"ms", Slot::kMillis},
    {"ms_before", Slot::kMillisBefore},
    {"small", Slot::kSmall},
    {"big", Slot::kBig},
};

constexpr std::pair<absl::string_view, absl::string_view> kFragments[] = {
    {"client", R"("client_id":"<client_id>","client_name":"<client_name>","ip":"<ip>",
        "user_agent":"<ua>",)"},
    {"user", R"("user_id":"<user_id>","user_name":"<user_name>","strategy":"<strategy>",
        "strategy_type":"<strategy_type>",)"},
    {"via", R"("connection":"<connection>","connection_id":"<connection_id>",)"},
    {"sdk", R"("auth0_client":{"name":"auth0-spa-js","version":"2.1.3",
        "env":{"node":"20.11.1","browser":"true"}},)"},
    {"print", R"("security_context":{"ja3":"<token>","ja4":"t13d1516h2_8daaf6152771_<hex>"},)"},
    {"end", R"("log_id":"<id>","_id":"<id>","isMobile":false})"},
    {"host", R"("hostname":"sandbox.auth0.test",)"},
};

constexpr Source kPlain[] = {
    {"s", 170, R"({"date":"<date>","type":"s",<via><client>
        "details":{"prompts":[
            {"name":"prompt-authenticate","initiatedAt":<ms_before>,"completedAt":<ms>,
             "connection":"<connection>","connection_id":"<connection_id>",
             "strategy":"<strategy>","identity":"<hex>","stats":{"loginsCount":<small>},
             "session_user":"<hex>","elapsedTime":<small>},
            {"name":"login","flow":"universal-login","initiatedAt":<ms_before>,"completedAt":<ms>,
             "timers":{"rules":<small>},"user_id":"<user_id>","user_name":"<user_name>",
             "elapsedTime":<small>}],
          "initiatedAt":<ms_before>,"completedAt":<ms>,"elapsedTime":<small>,
          "session_id":"<token>","stats":{"loginsCount":<small>},
          "actions":{"executions":["<token><hex>"]},
          "request":{"userAgent":"<raw_ua>","channel":"https://app.example.com/"}},
        <host><user><sdk><country><print>
        "references":{"correlation_id":"<hex>","trace_id":"<token>"},<end>)"},
    {"seacft", 200, R"({"date":"<date>","type":"seacft","description":"","connection_id":"",<client>
        "details":{"code":"******************************************<small>Q"},
        <host>"user_id":"<user_id>","user_name":"<user_name>",
        "audience":"https://api.example.com/orders/v2",
        "scope":"openid profile email offline_access read:orders write:orders",
        <sdk><country><print>"references":{"correlation_id":"<hex>","trace_id":"<token>"},<end>)"},
    {"ssa", 100, R"({"date":"<date>","type":"ssa","description":"Successful silent authentication",
        <via><client>"details":{"prompts":[],"initiatedAt":<ms_before>,"completedAt":<ms>,
          "elapsedTime":<small>,"session_id":"<token>",
          "qs":{"client_id":"<client_id>","prompt":"none","response_mode":"web_message",
            "response_type":"code","redirect_uri":"https://app.example.com/callback",
            "state":"<token>","nonce":"<token>","code_challenge":"<token><hex>",
            "code_challenge_method":"S256","scope":"openid profile email",
            "audience":"https://api.example.com/orders/v2","auth0Client":"<token><token><hex>"},
          "stats":{"loginsCount":<small>},"userAgent":"<raw_ua>"},
        <host>"user_id":"<user_id>","user_name":"<user_name>",<sdk><country><print><end>)"},
    {"sertft", 140, R"({"date":"<date>","type":"sertft","description":"","connection_id":"",<client>
        "details":{"refreshToken":"v1.<token>","familyId":"<hex>","counter":<small>,
          "leeway":0,"rotation":"rotating","userAgent":"<raw_ua>"},
        <host>"user_id":"<user_id>","user_name":"<user_name>",
        "scope":["openid","profile","email","offline_access"],<sdk><print><end>)"},
    {"fsa", 40, R"({"date":"<date>","type":"fsa","description":"Login required",<client>
        "details":{"body":{},"qs":{"client_id":"<client_id>","prompt":"none",
            "response_type":"code","response_mode":"web_message",
            "redirect_uri":"https://app.example.com/callback","state":"<token>",
            "nonce":"<token>","scope":"openid profile email","code_challenge":"<token><hex>"},
          "error":{"message":"Login required","oauthError":"login_required",
            "type":"oauth-authorization"}},
        <host>"user_id":"","user_name":"",<sdk><print><end>)"},
    {"slo", 50, R"({"date":"<date>","type":"slo","description":"User successfully logged out",
        <via><client>"details":{"return_to":"https://app.example.com/",
          "allowed_logout_url":["https://app.example.com/","https://www.example.com/bye"],
          "session_id":"<token>","userAgent":"<raw_ua>"},
        <host>"user_id":"<user_id>","user_name":"<user_name>",<print><end>)"},
    {"fp", 60, R"({"date":"<date>","type":"fp","description":"Wrong email or password.",
        <via><client>"details":{"error":{"message":"Wrong email or password."},
          "attempts":<small>,"channel":"https://app.example.com/login","userAgent":"<raw_ua>"},
        <host><user><sdk><country><print><end>)"},
    {"fu", 25, R"({"date":"<date>","type":"fu","description":"Wrong email or password.",
        <via><client>"details":{"error":{"message":"Wrong email or password."}},
        "user_name":"nobody<small>@example.net",<host>"strategy":"auth0",
        "strategy_type":"database",<country><end>)"},
    {"f", 8, R"({"date":"<date>","type":"f","description":"Unable to verify the authorization code",
        <via><client>"details":{"body":{},"qs":{"code":"<token>","state":"<token>"},
          "error":{"message":"Unable to verify the authorization code",
            "oauthError":"access_denied","type":"oauth-authorization"}},<host><user><end>)"},
    {"ss", 20, R"({"date":"<date>","type":"ss","description":"",<via><client>
        "details":{"body":{"client_id":"<client_id>","tenant":"sandbox","email":"<user_name>",
            "password":"*****","connection":"<connection>","name":"<full_name>",
            "user_metadata":{"plan":"starter","newsletter":"true","referrer":"search"},
            "request_language":"en-GB,en;q=0.9"},"userAgent":"<raw_ua>"},
        <host><user><sdk><country><end>)"},
    {"seccft", 60, R"({"date":"<date>","type":"seccft","description":"","connection_id":"",<client>
        "details":{"actions":{"executions":["<token>"]},"stats":{"loginsCount":<small>}},
        <host>"user_id":"","user_name":"","audience":"https://api.example.com/billing",
        "scope":"read:invoices write:invoices",<end>)"},
    {"sapi", 85, R"({"date":"<date>","type":"sapi","description":"Update a User",<client>
        "details":{"request":{"method":"patch","path":"/api/v2/users/<user_path>","query":{},
            "userAgent":"<raw_ua>","ip":"<ip>","channel":"https://manage.auth0.com/",
            "body":{"app_metadata":{"roles":["editor","reviewer","billing"],"tenant":"<hex>",
                "features":{"beta":true,"export":true,"seats":<small>}},
              "user_metadata":{"theme":"dark","locale":"de-CH","address":
                {"street":"1 Example Street","city":"Springfield","zip":"00000"}}},
            "auth":{"strategy":"jwt","user":{"user_id":"<user_id>","name":"<full_name>",
                "email":"<user_name>"},
              "credentials":{"jti":"<hex><hex>","scopes":["create:users","delete:users",
                "read:users","update:users","read:clients","update:clients","create:clients",
                "read:connections","update:connections","read:logs","read:logs_users",
                "read:roles","update:roles","create:roles","delete:roles","read:actions",
                "update:actions","read:organizations","update:organizations",
                "create:organization_members","delete:organization_members",
                "read:branding","update:branding","read:prompts","update:prompts"]}}},
          "response":{"statusCode":200,"body":{"user_id":"<user_id>","email":"<user_name>",
              "name":"<full_name>","nickname":"<hex>","picture":"https://cdn.example.com/<token>",
              "created_at":"2024-01-15T09:30:00.000Z","updated_at":"<date>",
              "identities":[{"connection":"<connection>","user_id":"<hex>",
                "provider":"<strategy>","isSocial":false}],
              "app_metadata":{"roles":["editor","reviewer","billing"],"tenant":"<hex>"},
              "user_metadata":{"theme":"dark","locale":"de-CH"},
              "last_ip":"<ip>","last_login":"<date>","logins_count":<small>}}},
        "user_id":"<user_id>",<end>)"},
    {"mgmt_api_read", 8, R"({"date":"<date>","type":"mgmt_api_read",
        "description":"Get client by ID",<client>
        "details":{"accessedSecrets":["client_secret"],
          "request":{"method":"get","path":"/api/v2/clients/<client_id>","query":{},
            "userAgent":"<raw_ua>","channel":"https://manage.auth0.com/","ip":"<ip>",
            "auth":{"user":{"user_id":"<user_id>","name":"<full_name>","email":"<user_name>"},
              "strategy":"jwt","credentials":{"jti":"<hex>"}}},
          "response":{"statusCode":200,"body":{"client_id":"<client_id>"}}},
        "user_id":"<user_id>","$event_schema":{"version":"1.0.0"},"tenant_name":"sandbox",<end>)"},
    {"sv", 12,
     R"({"date":"<date>","type":"sv","description":"Your email was verified.",<via><client>
        "details":{"email":"<user_name>","query":{"user_id":"<user_id>","client_id":"<client_id>",
          "tenant":"sandbox","connection":"<connection>","resultUrl":"https://app.example.com/ok"},
          "title":"Email Verification"},<host><user><end>)"},
    {"scpr", 6, R"({"date":"<date>","type":"scpr","description":"",<via><client>
        "details":{"body":{"connection":"<connection>","email":"<user_name>",
          "tenant":"sandbox"},"email":"<user_name>"},<host><user><end>)"},
    {"scp", 6, R"({"date":"<date>","type":"scp",
        "description":"You can now sign in with the new password.",<via><client>"details":{"title":"Change Password",
          "email":"<user_name>"},<host><user><end>)"},
    {"gd_auth_succeed", 14, R"({"date":"<date>","type":"gd_auth_succeed",
        "description":"Guardian - Second factor authentication success",<client>
        "details":{"authenticator":{"type":"otp"},"transaction":"<token>"},
        "user_id":"<user_id>",<host><print><end>)"},
    {"gd_start_auth", 14, R"({"date":"<date>","type":"gd_start_auth",
        "description":"Guardian - Second factor authentication started",<client>
        "details":{"flow":"ul","requestor":"user","session":"<token>"},
        "user_id":"<user_id>",<host><end>)"},
    {"limit_wc", 3, R"({"date":"<date>","type":"limit_wc",
        "description":"User has performed too many failed login attempts to the same account",
        <via><client>"details":{"attempts":10,"until":<ms>},<host><user><country><end>)"},
    {"api_limit_warning", 1, R"({"date":"<date>","type":"api_limit_warning",
        "description":"80% of the rate limit of the Management API has been used",
        <client>"details":{"limit":50,"remaining":10,"path":"/api/v2/logs"},<end>)"},
    {"feccft", 3,
     R"({"date":"<date>","type":"feccft","description":"Unauthorized","connection_id":"",
        <client>"details":{"error":{"message":"Unauthorized","oauthError":"access_denied"}},
        <host>"user_id":"","user_name":"","audience":"https://api.example.com/billing",
        "scope":null,<end>)"},
    {"sdu", 2, R"({"date":"<date>","type":"sdu","description":"User successfully deleted",
        <client>"details":{"request":{"method":"delete","path":"/api/v2/users/<user_path>"}},
        <user><end>)"},
};

constexpr Source kOdd[] = {
    {"s", 3, R"({"_id":"<id>","date":"<date>","type":"s","user_id":"<user_id>"})"},
    {"w", 2, R"({"date":"<date>","type":"w","description":null,"client_id":null,"client_name":null,
        "ip":"2001:db8::<small>","user_agent":"unknown","details":null,"user_id":null,
        "connection":null,"strategy":null,"log_id":"<id>"})"},
    {"zz_not_a_known_code", 2, R"({"date":"<date>","type":"zz_not_a_known_code",
        "description":"A code from the future",<client>"details":"text instead of an object",
        "brand_new_field":{"deep":{"deeper":[1,2,{"deepest":true}]}},"user_id":"<user_id>",<end>)"},
    {"fapi", 2, R"({"date":"<date>","type":"fapi",
        "description":"Überprüfung 失敗 \"quoted\" \\ and \u00e9\ud83d\ude80 \u0007",<client>
        "details":[{"n":<big>},{"n":1.50},{"n":-0.0},{"n":6.02e23},[[]],{}],
        "user_id":"<user_id>","user_name":"<full_name>",<end>)"},
    {"seccft", 2, R"({"date":"<date>","type":"seccft","client_id":"<client_id>",
        "scope":["read:a","read:b"],"auth0_client":[],"details":{"prompts":[{"identity":<big>,
        "elapsedTime":null}]},"log_id":"<id>"})"},
    {"sapi", 1, R"({"date":"<date>","type":"sapi","description":"Import many users",<client>
        "details":{"request":{"body":{"users":"<bulk>"}},"response":{"statusCode":201}},
        "user_id":"<user_id>",<end>)"},
};

// Larger than one Segment event may be.
std::string Bulk() {
  std::string bulk;
  for (int i = 0; bulk.size() < 40'000; ++i) {
    absl::StrAppend(&bulk, "user", i, "@example.com;Müller;", i * 7919, "; ");
  }
  return bulk;
}

std::string Expand(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] == '\n') {
      text.remove_prefix(std::min(text.find_first_not_of("\n "), text.size()));
      continue;
    }
    if (text[0] == '<') {
      const absl::string_view name = text.substr(1, text.find('>') - 1);
      bool fragment = name == "bulk";
      if (fragment) {
        absl::StrAppend(&out, Bulk());
      }
      for (const auto& [key, value] : kFragments) {
        if (key == name) {
          absl::StrAppend(&out, Expand(value));
          fragment = true;
        }
      }
      if (fragment) {
        text.remove_prefix(name.size() + 2);
        continue;
      }
    }
    out.push_back(text[0]);
    text.remove_prefix(1);
  }
  return out;
}

Slot SlotNamed(absl::string_view name) {
  for (const auto& [key, slot] : kSlots) {
    if (key == name) {
      return slot;
    }
  }
  std::abort();  // a misspelt template
}

LogTemplate Compile(const Source& source, bool odd) {
  LogTemplate compiled;
  compiled.type = source.type;
  compiled.weight = source.weight;
  compiled.odd = odd;
  const std::string expanded = Expand(source.text);
  absl::string_view text = expanded;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('<'), text.size());
    const std::string literal(text.substr(0, open));
    text.remove_prefix(open);
    Slot slot = Slot::kNone;
    if (!text.empty()) {
      const absl::string_view name = text.substr(1, text.find('>') - 1);
      slot = SlotNamed(name);
      text.remove_prefix(name.size() + 2);
    }
    compiled.pieces.emplace_back(literal, slot);
  }
  return compiled;
}

}  // namespace

std::vector<LogTemplate> StandardLogTemplates() {
  std::vector<LogTemplate> templates;
  for (const Source& source : kPlain) {
    templates.push_back(Compile(source, false));
  }
  for (const Source& source : kOdd) {
    templates.push_back(Compile(source, true));
  }
  return templates;
}

}  // namespace logexport::sandbox
