using Fovea.Onnx;
using Fovea.Tests.Laws;

namespace Fovea.Tests.Onnx;

/// <summary>Damaged files give the documented exception, whether they are read as a network or evaluated.</summary>
public class OnnxMutationTests
{
    [Fact]
    public void Ten_thousand_damaged_files_give_only_the_documented_exception()
    {
        byte[][] originals =
        [
            .. ((string[])["conv 2 k3 p1 | gelu | maxpool 2 ceil | residual(conv 2 k1) | flatten | linear 2 | softmax", "groupnorm 1 | concat(conv 1 k1 ; ) | avgpool 2 s1 | globalavgpool | flatten", "batchnorm | softplus 2 threshold=3 | upsample 2 | zeropad 1"])
                .Select(line => OnnxExport.Of(new Network(ModelSpec.Parse(line, new Shape(2, 4, 3)))).ToBytes()),
        ];
        var input = new Dictionary<string, OnnxTensor> { ["input"] = new([1, 2, 4, 3], Numbers.Uniform(24, seed: 1)) };
        var random = new Random(7);
        int read = 0;
        for (int i = 0; i < 10_000; i++)
        {
            byte[] file = Mutate(originals[i % originals.Length], random);
            try
            {
                OnnxModel model = OnnxModel.Parse(file, "f.onnx");
                read++;
                if (i % 2 == 0) OnnxImport.Of(model);
                else OnnxEvaluator.Run(model, input);
            }
            catch (FoveaException)
            {
            }
            catch (Exception exception)
            {
                Assert.Fail($"file {i}: {exception}");
            }
        }
        // Many of them are readable as messages: what is wrong is then what they say.
        Assert.InRange(read, 500, 9000);
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        byte[] file = [.. original];
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(file.Length);
            switch (random.Next(5))
            {
                case 0: file[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: file[at] = (byte)random.Next(256); break;
                case 2: file = file[..(at + 1)]; break;
                case 3: file = [.. file[..at], .. file[Math.Min(file.Length, at + random.Next(1, 9))..], 0]; break;
                default: file = [.. file[..at], .. file.AsSpan(random.Next(at + 1), Math.Min(9, file.Length - at)), .. file[at..]]; break;
            }
        }
        return file;
    }
}
