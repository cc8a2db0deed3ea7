using System.Text.Json.Serialization;

namespace Fovea.Tests.Laws;

/// <summary>Nothing is forgotten: what is registered, what has examples.</summary>
public class RegistrationLaws
{
    [Fact]
    public void Every_layer_is_registered_by_its_own_name_and_has_an_example()
    {
        HashSet<Type> tried = [.. Examples.Layers.Select(example => Examples.Read(example.Data).Layer.GetType())];

        AssertRegistered<Layer>();
        Assert.Equal(Sealed<Layer>().OrderBy(type => type.Name), tried.OrderBy(type => type.Name));
    }

    [Fact]
    public void Every_loss_and_optimizer_is_registered_and_has_an_example()
    {
        AssertRegistered<Loss>();
        AssertRegistered<Optimizer>();
        Assert.Equal(Sealed<Loss>().OrderBy(type => type.Name), LossLaws.All.Select(loss => loss.GetType()).Distinct().OrderBy(type => type.Name));
        Assert.Equal(Sealed<Optimizer>().OrderBy(type => type.Name),
            OptimizerLaws.All.Select(optimizer => optimizer.GetType()).Distinct().OrderBy(type => type.Name));
    }

    private static void AssertRegistered<TBase>()
    {
        JsonDerivedTypeAttribute[] registered = [.. typeof(TBase).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false).Cast<JsonDerivedTypeAttribute>()];
        Assert.Equal(Sealed<TBase>().OrderBy(type => type.Name), registered.Select(attribute => attribute.DerivedType).OrderBy(type => type.Name));
        Assert.Distinct(registered.Select(attribute => (string)attribute.TypeDiscriminator!));
    }

    private static IEnumerable<Type> Sealed<TBase>() => typeof(TBase).Assembly.GetTypes().Where(type => type.IsSealed && type.IsSubclassOf(typeof(TBase)));
}
