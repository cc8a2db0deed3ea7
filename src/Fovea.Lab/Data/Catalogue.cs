namespace Fovea.Lab;

/// <summary>The datasets that have a name, with the check sums of their published files.</summary>
internal static class Catalogue
{
    private static readonly string[] s_digits = [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")];
    private static readonly string[] s_capitals = [.. Enumerable.Range('A', 26).Select(letter => $"{(char)letter}")], s_small = [.. Enumerable.Range('a', 26).Select(letter => $"{(char)letter}")];

    // The small letters that do not look like their capitals.
    private static readonly string[] s_merged = [.. s_digits, .. s_capitals, "a", "b", "d", "e", "f", "g", "h", "n", "q", "r", "t"];

    public static IReadOnlyList<DatasetEntry> Entries { get; } =
    [
        new("mnist", "handwritten digits", new Shape(1, 28, 28), s_digits, 60_000, 10_000,
            new Normalization([0.1307f], [0.3081f]), "Yann LeCun and Corinna Cortes", "CC BY-SA 3.0"),
        new("fashion-mnist", "clothes, shoes and bags", new Shape(1, 28, 28),
            ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"], 60_000, 10_000,
            new Normalization([0.2860f], [0.3530f]), "Zalando SE, github.com/zalandoresearch/fashion-mnist", "MIT")
        {
            Package = "dataset-fashion-mnist",
            Mirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"],
            Files =
            [
                new("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                new("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                new("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                new("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
            ],
        },
        new("kmnist", "handwritten Japanese syllables", new Shape(1, 28, 28), ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"], 60_000, 10_000,
            new Normalization([0.1918f], [0.3483f]), "ROIS-DS Center for Open Data in the Humanities, codh.rois.ac.jp/kmnist", "CC BY-SA 4.0")
        {
            Mirrors = ["https://codh.rois.ac.jp/kmnist/dataset/kmnist/", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"],
            Files =
            [
                new("train-images-idx3-ubyte.gz", 18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
                new("train-labels-idx1-ubyte.gz", 29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
                new("t10k-images-idx3-ubyte.gz", 3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
                new("t10k-labels-idx1-ubyte.gz", 5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
            ],
        },
        Emnist("balanced", "handwritten digits and letters, equally many of each", s_merged, 112_800, 18_800),
        Emnist("byclass", "handwritten digits and letters", [.. s_digits, .. s_capitals, .. s_small], 697_932, 116_323),
        Emnist("bymerge", "handwritten digits and letters, like ones merged", s_merged, 697_932, 116_323),
        Emnist("letters", "handwritten letters, small and capital as one", s_small, 124_800, 20_800),
        Emnist("digits", "handwritten digits, four times those of MNIST", s_digits, 240_000, 40_000),
        Emnist("mnist", "handwritten digits, as many as in MNIST", s_digits, 60_000, 10_000),
        Cifar("cifar-10", "small photos of animals and vehicles",
            ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
            new Normalization([0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]),
            new("cifar-10-binary.tar.gz", 170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")),
        Cifar("cifar-100", "small photos of a hundred kinds of things",
            [
                "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can",
                "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant",
                "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree",
                "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy",
                "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider",
                "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle",
                "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
            ],
            new Normalization([0.5071f, 0.4865f, 0.4409f], [0.2673f, 0.2564f, 0.2762f]),
            new("cifar-100-binary.tar.gz", 168_513_733, "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec")),
    ];

    // Mean and deviation are those that most published programs take, for KMNIST as well; for EMNIST they are of the split byclass and serve for all.
    private static DatasetEntry Emnist(string split, string title, string[] classes, int training, int test) =>
        new($"emnist-{split}", title, new Shape(1, 28, 28), classes, training, test, new Normalization([0.1736f], [0.3317f]),
            "NIST, www.nist.gov/itl/products-and-services/emnist-dataset", "public domain")
        {
            FolderName = "emnist",
            Mirrors = ["https://biometrics.nist.gov/cs_links/EMNIST/", "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/"],
            Files = [new("gzip.zip", 561_753_746, "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e")],
            Reader = (entry, folder, isTraining) => IdxFile.ReadEmnist(folder, split, entry.Name, isTraining, entry.ClassNames, entry.Normalization),
        };

    private static DatasetEntry Cifar(string name, string title, string[] classes, Normalization normalization, DatasetFile archive) =>
        new(name, title, new Shape(3, 32, 32), classes, 50_000, 10_000, normalization, "Alex Krizhevsky, www.cs.toronto.edu/~kriz/cifar.html", "no licence stated; for research")
        {
            Mirrors = ["https://www.cs.toronto.edu/~kriz/", "http://www.cs.toronto.edu/~kriz/"],
            Files = [archive],
            Reader = (entry, folder, isTraining) => CifarFile.ReadFolder(folder, entry.Name, isTraining, entry.ClassNames, entry.Normalization),
        };
}
