using System.Reflection;
using System.Text.Json.Serialization;
using Fovea.Tests.Laws;

namespace Fovea.Oracle.Tests;

/// <summary>Nothing is left out: every layer, loss and optimizer, and each of their properties, is compared with libtorch.</summary>
public class CoverageTests
{
    [Fact]
    public void Every_layer_has_an_oracle_case() =>
        AssertCovered<Layer>(Examples.Layers.Select(example => example.Data).Concat(LayerOracleTests.Stacks.Select(stack => stack.Data))
            .SelectMany(line => LayerOracleTests.Read(line).Layers));

    [Fact]
    public void Every_loss_has_an_oracle_case() => AssertCovered<Loss>(LossOracleTests.Compared);

    [Fact]
    public void Every_optimizer_has_an_oracle_case() => AssertCovered<Optimizer>(OptimizerOracleTests.All);

    private static void AssertCovered<T>(IEnumerable<T> cases) where T : notnull
    {
        ILookup<Type, T> byType = cases.ToLookup(value => value.GetType());
        foreach (JsonDerivedTypeAttribute registered in typeof(T).GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false))
        {
            Type type = registered.DerivedType;
            Assert.True(byType.Contains(type), $"{type.Name} has no oracle case");
            // A property that always has the same value could be left out of the computation, unseen.
            foreach (PropertyInfo property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }))
            {
                // What all kinds do in the same place need not be tried with each.
                bool isShared = property.DeclaringType == typeof(T) && !property.GetMethod!.IsVirtual;
                Assert.True((isShared ? byType.SelectMany(kind => kind) : byType[type]).Select(value => property.GetValue(value)).Distinct().Count() > 1,
                    $"{type.Name}.{property.Name} has the same value in all oracle cases");
            }
        }
    }
}
