/// Bytes that were made by a second implementation of RFC 5869 and RFC 8439, and never change.
enum Golden {
    /// "Grüß Gott" as the section `text` of `Fixed.event`, key bytes 0 to 31, salt `Fixed.salt`.
    static let section =
        "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5febeee5ddb98ebc3e"
        + "8f97dd63cca9b89cfcd21a04464fb605450ac65aa7f6915f4b22c5bad819dbee5799ed9caa3c0ea4"
        + "be02380a84a6fb8ba86d6c619a0f92e35be181f8a46e5b9cb8a065d76a4bc6ef691217efe3126058"
        + "44d5b1c60a9820d6adb807a14b89b4f71bbb33b4ff847593e645b497b07c0cd503a90b46b6595326"
        + "237576d895390291a1877bfe3773c8de220ef19fefc7117f9aa965dd54b7eecaf18465333fa4eedd"
        + "40e738b35a54b351a9b5c5e1f389d391e09154da4d77ac8260e657da984c38b7fae15c7edc8008d6"
        + "b48a4cdca4e492ba2818b530cd1b0fc0"

    static let commitment =
        "0c296984b1582b4cb424b66d440098ad"

    static let digest =
        "5e373ce3490c5f7f2b683fb7e4122785f75d8ac57d73a454aed8eb9310d6ac29"

    /// Key bytes 16 to 47 named 00 to 0f, of `customer:7f`, under the key bytes 80 to 9f of epoch
    /// 1, nonce 00 to 0b.
    static let wrap =
        "01004000000001000102030405060708090a0b75a729e360a23e2e8afb5101dcc2133d9574f9c101"
        + "68b2831734cd63ffe141226d5440d9d5cfd62c72fc7d0cfde6cf78"

    /// `customer` "José 17" under the key bytes 0 to 31.
    static let pseudonym =
        "cfd5569aca295b5e453bf83f3deb02b9"

    /// The telephone number 49301234567 under the key bytes 0 to 31.
    static let blindIndex =
        "4ee0c7695b82d2a956d308dd6413b71d"
}
