#include "engine/secret.h"

#include <string.h>

#include <utility>

namespace drydock {

struct Secret::Held {
    std::string name;
    std::string text;

    Held(std::string given_name, std::string given_text)
        : name(std::move(given_name)), text(std::move(given_text)) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    // explicit_bzero is not optimised away, unlike a loop over a string that dies.
    ~Held() { explicit_bzero(text.data(), text.size()); }
};

Secret::Secret(std::string name, std::string text)
    : held_(std::make_shared<const Held>(std::move(name), std::move(text))) {}

const std::string& Secret::name() const noexcept { return held_->name; }
const std::string& Secret::reveal() const noexcept { return held_->text; }
std::string Secret::shown() const { return "<secret " + held_->name + ">"; }

}  // namespace drydock
