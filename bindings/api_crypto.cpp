#include "bindings/api.h"
#include "engine/crypto/digest.h"
#include "engine/crypto/keys.h"
#include "engine/crypto/scram.h"
#include "engine/crypto/seal.h"

// crypto.*: secrets may go in everywhere; what is as good as one comes out as one.
namespace drydock::bindings {
namespace {

void push_like(lua_State* state, std::string_view bytes, const RevealedText& source) {
    if (source.secret) {
        push_secret(state, source.secret_name, bytes);
    } else {
        push_text(state, bytes);
    }
}

std::string optional_text(lua_State* state, int index, std::string_view name) {
    return lua_isnoneornil(state, index) ? std::string()
                                         : revealed_argument(state, index, name).text;
}

std::size_t size_of(lua_State* state, int index, std::int64_t most) {
    const std::int64_t size = integer_argument(state, index, "the number of bytes");
    if (size < 1 || size > most) {
        throw Error(ErrorCode::Lua,
                    "the number of bytes must be from 1 to " + std::to_string(most));
    }
    return static_cast<std::size_t>(size);
}

crypto::Key key_argument(lua_State* state, int index) {
    const RevealedText key = revealed_argument(state, index, "the key");
    if (key.text.size() != crypto::Key::kSizeBytes) {
        throw Error(ErrorCode::Lua,
                    "the key must have 32 bytes, not " + std::to_string(key.text.size()),
                    "make one of a secret with crypto.hkdf(secret, salt, info, 32)");
    }
    return crypto::Key(key.text);
}

int random(lua_State* state) {
    push_text(state, context_of(state).random_bytes(size_of(state, 1, 1 << 20)));
    return 1;
}

int sha256(lua_State* state) {
    push_text(state, crypto::to_hex(crypto::sha256(revealed_argument(state, 1, "the text").text)));
    return 1;
}

int hmac(lua_State* state) {
    const RevealedText key = revealed_argument(state, 1, "the key");
    const RevealedText text = revealed_argument(state, 2, "the text");
    push_text(state, crypto::to_hex(crypto::hmac_sha256(key.text, text.text)));
    return 1;
}

int hkdf(lua_State* state) {
    const RevealedText material = revealed_argument(state, 1, "the secret");
    const std::string salt = optional_text(state, 2, "the salt");
    const std::string info = optional_text(state, 3, "the info");
    const std::size_t size = size_of(state, 4, 8160);
    push_like(state,
              crypto::hkdf_sha256({.material = material.text, .salt = salt, .info = info}, size),
              material);
    return 1;
}

int seal(lua_State* state) {
    const crypto::Key key = key_argument(state, 1);
    const RevealedText plain = revealed_argument(state, 2, "the text");
    push_text(state, crypto::seal(key, plain.text, optional_text(state, 3, "the associated text")));
    return 1;
}

// What was sealed is a secret again, whatever it was before.
int open_sealed(lua_State* state) {
    const crypto::Key key = key_argument(state, 1);
    const std::string sealed = text_argument(state, 2, "the sealed text");
    const std::string name = "opened";
    push_secret(state, name,
                crypto::open(key, sealed, optional_text(state, 3, "the associated text")));
    return 1;
}

// Not as good as the password: whoever has it cannot log in with it. So it is a text, which may be
// bound to a statement.
int scram(lua_State* state) {
    const RevealedText password = revealed_argument(state, 1, "the password");
    push_text(state, crypto::scram_verifier(password.text, context_of(state).random_bytes(16)));
    return 1;
}

int equal(lua_State* state) {
    const RevealedText left = revealed_argument(state, 1, "the first text");
    const RevealedText right = revealed_argument(state, 2, "the second text");
    lua_pushboolean(state, crypto::equal_constant_time(left.text, right.text) ? 1 : 0);
    return 1;
}

constexpr luaL_Reg kFunctions[] = {
    {"random", guarded<random>}, {"sha256", guarded<sha256>}, {"hmac", guarded<hmac>},
    {"hkdf", guarded<hkdf>},     {"seal", guarded<seal>},     {"open", guarded<open_sealed>},
    {"scram", guarded<scram>},   {"equal", guarded<equal>},   {nullptr, nullptr},
};

}  // namespace

int open_crypto(lua_State* state) {
    push_library(state, kFunctions);
    return 1;
}

}  // namespace drydock::bindings
