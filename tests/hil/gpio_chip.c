// SPDX-License-Identifier: GPL-2.0-only
/*
 * A GPIO chip with eight interrupt-capable input lines for the tests; Debian builds no gpio-sim.
 * "LINE LEVEL" written to /sys/devices/platform/test-gpio/level is what stands on a wire, and
 * unbind and bind in /sys/bus/platform/drivers/test-gpio take the chip away and bring it back.
 */
#include <linux/gpio/driver.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#define LINES 8

static unsigned long levels = (1ul << LINES) - 1;
/* Of the module, not of the chip: a line that is held when the chip goes keeps its interrupt. */
static int first_irq;
static struct platform_device *device;

static int get_direction(struct gpio_chip *chip, unsigned int line)
{
	return GPIO_LINE_DIRECTION_IN;
}

static int direction_input(struct gpio_chip *chip, unsigned int line)
{
	return 0;
}

static int get(struct gpio_chip *chip, unsigned int line)
{
	return test_bit(line, &levels);
}

/* Any bias will do: the level is what the test says. */
static int set_config(struct gpio_chip *chip, unsigned int line, unsigned long config)
{
	return pinconf_to_config_param(config) == PIN_CONFIG_INPUT_DEBOUNCE ? -ENOTSUPP : 0;
}

static int to_irq(struct gpio_chip *chip, unsigned int line)
{
	return first_irq + line;
}

static int irq_set_type(struct irq_data *data, unsigned int type)
{
	irqd_set_trigger_type(data, type);
	return 0;
}

static void irq_ignore(struct irq_data *data)
{
}

static struct irq_chip irqs = {
	.name = "test-gpio",
	.irq_set_type = irq_set_type,
	.irq_mask = irq_ignore,
	.irq_unmask = irq_ignore,
};

static ssize_t level_store(struct device *owner, struct device_attribute *attribute,
			   const char *text, size_t size)
{
	unsigned int line, level, wanted;

	if (sscanf(text, "%u %u", &line, &level) != 2 || line >= LINES || level > 1)
		return -EINVAL;
	if (level == test_bit(line, &levels))
		return size;
	assign_bit(line, &levels, level);
	wanted = level ? IRQ_TYPE_EDGE_RISING : IRQ_TYPE_EDGE_FALLING;
	if (irq_get_trigger_type(first_irq + line) & wanted)
		generic_handle_irq_safe(first_irq + line);
	return size;
}
static DEVICE_ATTR_WO(level);

static int probe(struct platform_device *found)
{
	struct gpio_chip *chip = devm_kzalloc(&found->dev, sizeof(*chip), GFP_KERNEL);

	if (!chip)
		return -ENOMEM;
	chip->label = "test-gpio";
	chip->parent = &found->dev;
	chip->owner = THIS_MODULE;
	chip->base = -1;
	chip->ngpio = LINES;
	chip->get_direction = get_direction;
	chip->direction_input = direction_input;
	chip->get = get;
	chip->set_config = set_config;
	chip->to_irq = to_irq;
	return devm_gpiochip_add_data(&found->dev, chip, NULL);
}

static struct platform_driver driver = {
	.probe = probe,
	.driver = { .name = "test-gpio" },
};

static int __init begin(void)
{
	int line, failed;

	first_irq = irq_alloc_descs(-1, 0, LINES, 0);
	if (first_irq < 0)
		return first_irq;
	for (line = 0; line < LINES; line++) {
		irq_set_chip_and_handler(first_irq + line, &irqs, handle_simple_irq);
		irq_clear_status_flags(first_irq + line, IRQ_NOREQUEST | IRQ_NOPROBE);
	}
	device = platform_device_register_simple("test-gpio", -1, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	failed = device_create_file(&device->dev, &dev_attr_level);
	return failed ? failed : platform_driver_register(&driver);
}

/* Never unloaded: the guest ends with the tests. */
module_init(begin);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("GPIO chip for tests");
