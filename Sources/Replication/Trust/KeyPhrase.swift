internal import LedgerTypes
internal import Merkle

/// A site's key in eight words, which two people can compare on the phone (docs/SYNC.md, "Trust").
///
/// 64 bits: nobody makes a second key with the same words.
package enum KeyPhrase {
    /// The number of words.
    package static let wordCount = 8

    /// The phrase of `key`: one word for each of the first eight bytes of
    /// SHA-256("cl/phrase/1" ‖ key).
    package static func words(of key: [UInt8]) -> String {
        Digest.sha256(domain: "cl/phrase/1", key).bytes.prefix(Self.wordCount)
            .map { Self.list[Int($0)] }
            .joined(separator: " ")
    }

    /// 256 words, one for each byte, in alphabetical order. No two begin with the same four letters
    /// or differ in less than two. The list is part of the protocol and never changes.
    package static let list: [String] = """
        acorn admiral agenda alarm album almond amber anchor
        animal apple apron arcade arrow artist aspen attic
        autumn avenue awning badge bagel balcony bamboo banjo
        barley basket beacon beaver bedrock berry bicycle biscuit
        blanket blossom bonfire border bottle boulder bracket breeze
        bridge bronze bucket buffalo bundle button cabin cactus
        camera canoe canyon carbon castle cattle cedar cello
        cement chapel cherry chimney cinema circus clover cobalt
        coffee comet copper coral cotton cradle crater cricket
        crystal cupboard curtain cushion daisy dancer decade denim
        desert diamond dolphin domino donkey dragon drummer eagle
        easel echo eclipse elbow elephant ember engine envoy
        escort estate evening fabric falcon feather fender fiddle
        figure finger flannel flute forest fossil fountain freight
        galaxy garden garlic gazelle giraffe glacier goblet gondola
        granite gravel guitar hammer harbor hazel helmet hermit
        hickory hockey honey horizon hotel hunter husband iceberg
        igloo indigo insect island ivory jacket jaguar jasmine
        jigsaw journal jungle kennel kettle kitchen kiwi ladder
        lagoon lantern lava lemon leopard library lilac lizard
        lobster locket lumber magnet mango marble meadow melon
        mercury meteor minute mirror mitten monsoon mosaic muffin
        museum napkin nectar needle nickel nomad notebook nugget
        oasis ocean olive onion opera orbit orchid otter
        oxygen oyster paddle palace panther parade pebble pelican
        pepper piano pillow pioneer planet plaza pocket pony
        prairie puzzle pyramid quarry quilt rabbit radio rafter
        raven ribbon riddle river rocket rooster ruby saddle
        salmon sandal sapphire saturn scooter shadow shelter siren
        sketch spider stadium summit sunset table tadpole teapot
        temple thunder ticket timber tobacco tractor tulip tunnel
        turbine umbrella unicorn uniform vacuum valley vanilla velvet
        """.split(whereSeparator: \.isWhitespace).map(String.init)
}
