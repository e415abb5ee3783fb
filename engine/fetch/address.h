#pragma once

#include <memory>
#include <string>
#include <string_view>

struct Curl_URL;

namespace drydock::fetch {

// A checked URL, read by the parser that also connects, so that what was looked at is what is
// asked. A value; not shared between threads.
class Address final {
  public:
    // Throws Error{Lua}: not http or https, no host, a user or password, blanks or control
    // characters, letters beyond ASCII.
    explicit Address(std::string_view url);
    ~Address();
    Address(Address&&) noexcept;
    Address& operator=(Address&&) noexcept;

    // Where `location`, as a server gives it, leads from here. Throws as the constructor.
    [[nodiscard]] Address following(std::string_view location) const;

    [[nodiscard]] bool secure() const { return scheme_ == "https"; }
    [[nodiscard]] const std::string& host() const { return host_; }
    // Scheme, host and port: who it is that is asked.
    [[nodiscard]] std::string origin() const;
    // Without query and fragment, which may hold what is nobody's business.
    [[nodiscard]] std::string shown() const;
    // All of it but the fragment.
    [[nodiscard]] std::string text() const;
    // For the client; owned by this.
    [[nodiscard]] Curl_URL* handle() const { return parsed_.get(); }

  private:
    struct Release {
        void operator()(Curl_URL* handle) const noexcept;
    };
    using Handle = std::unique_ptr<Curl_URL, Release>;

    explicit Address(Handle parsed);
    void take_parts();

    Handle parsed_;
    std::string scheme_, host_, port_;
};

}  // namespace drydock::fetch
