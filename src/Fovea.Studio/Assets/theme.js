// Before the first paint: light or dark as chosen, otherwise as the system says.
{
    const theme = localStorage.getItem("theme");
    if (theme) document.documentElement.dataset.theme = theme;
}
