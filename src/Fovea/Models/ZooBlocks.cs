namespace Fovea;

/// <summary>The texts of the zoo's deeper models, put together block by block as their papers do.</summary>
internal static class ZooBlocks
{
    private static string Join(IEnumerable<string> layers) => string.Join(" | ", layers);

    /// <summary>He, Zhang, Ren and Sun 2015: stages of basic blocks, each stage with twice the channels and half the image of the last.</summary>
    public static string ResNet(string stem, int channels, int stages, int blocks, string head)
    {
        var layers = new List<string> { stem };
        for (int stage = 0; stage < stages; stage++)
        {
            for (int block = 0; block < blocks; block++)
            {
                int filters = channels << stage;
                bool shrinks = block == 0 && stage > 0;
                string body = $"conv {filters} k3{(shrinks ? " s2" : "")} p1 nobias | batchnorm | relu | conv {filters} k3 p1 nobias | batchnorm";
                string shortcut = shrinks ? $"conv {filters} k1 s2 nobias | batchnorm" : "";
                layers.Add($"residual({body} ; {shortcut} ; relu) block=BasicBlock");
            }
        }
        return Join([.. layers, head]);
    }

    /// <summary>Sandler, Howard, Zhu, Zhmoginov and Chen 2018: inverted residuals, which widen, convolve each channel by itself, and narrow.</summary>
    public static string MobileNetV2()
    {
        (int Widening, int Filters, int Blocks, int Stride)[] stages =
            [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];
        var layers = new List<string> { "conv 32 k3 s2 p1 nobias | batchnorm | relu6" };
        int channels = 32;
        foreach (var (widening, filters, blocks, stride) in stages)
        {
            for (int block = 0; block < blocks; block++)
            {
                int wide = channels * widening, step = block == 0 ? stride : 1;
                string body = (widening == 1 ? "" : $"conv {wide} k1 nobias | batchnorm | relu6 | ")
                    + $"conv {wide} k3{(step == 1 ? "" : $" s{step}")} p1 g{wide} nobias | batchnorm | relu6 | conv {filters} k1 nobias | batchnorm";
                layers.Add($"{(step == 1 && channels == filters ? "residual" : "branch")}({body}) block=InvertedResidual");
                channels = filters;
            }
        }
        return Join([.. layers, "conv 1280 k1 nobias | batchnorm | relu6 | globalavgpool | flatten inline | dropout 0.2 | linear 1000"]);
    }

    /// <summary>Iandola and others 2016: fire modules, a narrow 1x1 convolution before a wide 1x1 and a wide 3x3 one.</summary>
    public static string SqueezeNet(string stem, string fires)
    {
        string Fire(int narrow) =>
            $"branch(conv {narrow} k1 | relu | concat(conv {4 * narrow} k1 | relu ; conv {4 * narrow} k3 p1 | relu)) block=Fire";
        // A number is the narrow width of a fire module, P a pooling.
        IEnumerable<string> middle = fires.Split(' ').Select(word => int.TryParse(word, out int narrow) ? Fire(narrow) : "maxpool 3 s2 ceil");
        return Join([stem, "relu", .. middle, "dropout", "conv 1000 k1", "relu", "globalavgpool", "flatten inline"]);
    }

    /// <summary>Huang, Liu, van der Maaten and Weinberger 2016, with bottlenecks and transitions that halve the channels (DenseNet-BC).</summary>
    public static string DenseNet(int growth, int layersOfBlock, int classes)
    {
        int channels = 2 * growth;
        var layers = new List<string> { $"conv {channels} k3 p1 nobias" };
        for (int block = 0; block < 3; block++)
        {
            if (block > 0)
            {
                channels /= 2;
                layers.Add($"branch(batchnorm | relu | conv {channels} k1 nobias | avgpool 2)");
            }
            for (int layer = 0; layer < layersOfBlock; layer++, channels += growth)
                layers.Add($"concat( ; batchnorm | relu | conv {4 * growth} k1 nobias | batchnorm | relu | conv {growth} k3 p1 nobias) block=DenseLayer");
        }
        return Join([.. layers, $"batchnorm | relu | globalavgpool | flatten | linear {classes}"]);
    }

    /// <summary>Simonyan and Zisserman 2014: 3x3 convolutions, a pooling (P) after some, and three linear layers.</summary>
    public static string Vgg(string channels) => Join(
    [
        .. channels.Split(' ').Select(word => word == "P" ? "maxpool 2" : $"conv {word} k3 p1 | relu"),
        "adaptiveavgpool 7", "flatten inline", "linear 4096 | relu | dropout", "linear 4096 | relu | dropout", "linear 1000",
    ]);

    /// <summary>Howard and others 2017: convolutions of each channel by itself, each followed by one of single pixels across the channels.</summary>
    public static string Depthwise(string stem, int channels, (int Filters, int Stride)[] blocks, string head)
    {
        var layers = new List<string> { stem };
        foreach (var (filters, stride) in blocks)
        {
            layers.Add($"conv {channels} k3{(stride == 1 ? "" : $" s{stride}")} p1 g{channels} nobias | batchnorm | relu | conv {filters} k1 nobias | batchnorm | relu");
            channels = filters;
        }
        return Join([.. layers, head]);
    }
}
